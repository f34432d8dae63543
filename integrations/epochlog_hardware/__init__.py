"""Sample the machine, container, process tree, disks, network and GPUs while a run is open."""
