/// Values by node, kept sorted: clusters are small, and everything is done in ascending order of ids.
struct PeerMap<Value> {
    private(set) var ids: [NodeID] = []
    private(set) var values: [Value] = []

    var count: Int { ids.count }
    var isEmpty: Bool { ids.isEmpty }

    /// The position of `id`, if it is there.
    func position(of id: NodeID) -> Int? {
        let place = insertionPoint(of: id)
        return place < ids.count && ids[place] == id ? place : nil
    }

    func contains(_ id: NodeID) -> Bool { position(of: id) != nil }

    subscript(at position: Int) -> Value {
        get { values[position] }
        _modify { yield &values[position] }
    }

    /// The value of `id`; setting nil removes it.
    subscript(id: NodeID) -> Value? {
        get { position(of: id).map { values[$0] } }
        set {
            let place = insertionPoint(of: id)
            let isThere = place < ids.count && ids[place] == id
            switch (isThere, newValue) {
            case (true, let value?): values[place] = value
            case (true, nil):
                ids.remove(at: place)
                values.remove(at: place)
            case (false, let value?):
                ids.insert(id, at: place)
                values.insert(value, at: place)
            case (false, nil): break
            }
        }
    }

    mutating func removeAll() {
        ids.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
    }

    private func insertionPoint(of id: NodeID) -> Int { ids.insertionPoint(of: id) }
}

extension PeerMap: Equatable where Value: Equatable {}
extension PeerMap: Sendable where Value: Sendable {}

/// Sorted arrays of ids as small sets.
extension [NodeID] {
    func insertionPoint(of id: NodeID) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func has(_ id: NodeID) -> Bool {
        let place = insertionPoint(of: id)
        return place < count && self[place] == id
    }

    mutating func add(_ id: NodeID) {
        let place = insertionPoint(of: id)
        if place == count || self[place] != id { insert(id, at: place) }
    }

    mutating func drop(_ id: NodeID) {
        let place = insertionPoint(of: id)
        if place < count && self[place] == id { remove(at: place) }
    }

    /// Both sets' elements, ascending, without repetition.
    func union(_ other: [NodeID]) -> [NodeID] {
        var all = self
        for id in other { all.add(id) }
        return all
    }
}
