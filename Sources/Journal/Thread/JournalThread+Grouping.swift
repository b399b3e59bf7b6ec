extension JournalThread {
    /// What one sync may make durable; one larger write goes alone.
    public struct GroupLimits: Hashable, Sendable {
        public var bytes: Int
        public var entries: Int

        /// More would not fit into a batch together with what its records need beside the data.
        private static let maximumBytes = Batch.maximumBodyBytes / 4
        private static let maximumEntries = 1 << 20

        public init(bytes: Int, entries: Int) {
            precondition(
                (1...Self.maximumBytes).contains(bytes) && (1...Self.maximumEntries).contains(entries),
                "groups of \(bytes) bytes, \(entries) entries")
            self.bytes = bytes
            self.entries = entries
        }

        /// 1 MiB or 1,024 entries.
        public static let standard = GroupLimits(bytes: 1 << 20, entries: 1024)

        /// How many of what is queued are done together: writes up to the limits, and at least the first of the queue.
        /// What is no write, and a write with a snapshot, goes alone.
        ///
        /// - Parameter queue: In its order, not empty; nil is what is no write.
        public func groupCount(_ queue: some Sequence<JournalWrite?>) -> Int {
            var count = 0
            var groupBytes = 0
            var groupEntries = 0
            for write in queue {
                guard let write, write.snapshot == nil else { break }
                groupBytes += write.payloadBytes
                groupEntries += write.entries.count
                if count > 0 && (groupBytes > bytes || groupEntries > entries) { break }
                count += 1
            }
            return max(1, count)
        }
    }
}
