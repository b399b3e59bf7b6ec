import Fleet

extension FleetObject {
    /// About what a copy of the object keeps from being freed.
    var heldBytes: Int {
        MemoryLayout<FleetObject>.stride + spec.count + status.count
            + nodeStatuses.reduce(0) { $0 + $1.key.utf8.count + $1.value.count } + Self.bytes(labels)
            + Self.bytes(annotations)
    }

    private static func bytes(_ texts: [String: String]) -> Int {
        texts.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}

extension ListedItems {
    /// About what a copy of the list keeps from being freed.
    var heldBytes: Int {
        switch self {
        case .objects(let objects): objects.reduce(0) { $0 + $1.heldBytes }
        case .events(let events):
            events.reduce(0) { $0 + MemoryLayout<EventRecord>.stride + $1.message.utf8.count }
        }
    }
}
