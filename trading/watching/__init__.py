"""Looking on while it trades: monitors, the watchdog, heartbeats, gauges. Sends nothing itself."""
