import Testing

/// Whole clusters of real processes. One suite after the other: each has a cluster that fills a small host.
@Suite("The built program", .serialized) enum IntegrationTests {}
