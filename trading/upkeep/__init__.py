"""What people do for the house on time: assess the controls, put the desk under stress, renew secrets, try backups."""
