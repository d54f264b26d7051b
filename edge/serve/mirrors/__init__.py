"""The same events for those who don't speak gRPC: webhook, MQTT, NATS JetStream, JSON lines."""
