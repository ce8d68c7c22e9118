"""All that runs the house: on one machine, in an emulator, in the cloud."""
