"""What can be administered. Each action is one function, reached over HTTP and by invocation."""
