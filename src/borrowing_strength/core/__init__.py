"""What several lessons share. Nothing in here knows a lesson."""
