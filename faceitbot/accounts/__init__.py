"""Who the staff are: roles, second factor, locking after wrong passwords, limits of sessions."""
