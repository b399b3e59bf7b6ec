import Manifest

/// The objects that a wait is not done with, in the order in which they were named, each with what is known of it.
struct Unfinished<State> {
    private var order: [ObjectKey]
    private var states: [ObjectKey: State?]

    /// Every key once; nothing is known of them yet.
    init(_ keys: [ObjectKey]) {
        order = []
        states = [:]
        for key in keys where states.updateValue(nil, forKey: key) == nil { order.append(key) }
    }

    var isEmpty: Bool { states.isEmpty }
    var count: Int { states.count }
    /// The first of them.
    var keys: [ObjectKey] { order.filter { states[$0] != nil } }

    func contains(_ key: ObjectKey) -> Bool { states[key] != nil }

    mutating func note(_ state: State, of key: ObjectKey) { states[key] = .some(state) }
    mutating func finish(_ key: ObjectKey) { states[key] = nil }

    /// Those of which something is known, at most so many.
    func known(atMost limit: Int) -> [(key: ObjectKey, state: State)] {
        var known: [(key: ObjectKey, state: State)] = []
        for key in order where known.count < limit {
            if case .some(.some(let state)) = states[key] { known.append((key, state)) }
        }
        return known
    }
}
