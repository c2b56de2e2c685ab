"""What may be wrong with a local run, looked for one by one: the work of `kotadb doctor`."""
