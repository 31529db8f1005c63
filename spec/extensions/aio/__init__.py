"""What the clients have beside their resources: written in `aio`, from which `sync` is made."""
