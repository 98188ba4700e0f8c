"""What the doctor looks at, one file per kind: this machine's parts, our own state, services elsewhere."""
