"""What the portal has done for a user: every step takes who asks, and refuses what is not theirs."""
