"""What `sam build` leaves: how it is made, and how it runs on a machine without Lambda."""
