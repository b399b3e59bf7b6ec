import Primitives

/// The search for an order of one partition's operations, depth first.
///
/// At each point any operation may be next whose call lies before the first end in the list, because all that precede
/// it have their places. When none of them is left to try, the operation whose end is the first came too late for this
/// path.
struct LinearizationSearch<Model: SequentialModel> {
    typealias Operation = ClientOperation<Model.Input, Model.Output>

    enum Outcome {
        case found, refuted
    }

    /// Where a path ended.
    struct DeadEnd {
        /// The operations that have their places.
        var order: [Int]
        /// How many ended operations have none.
        var endsLeft: Int
        var state: Model.State
        /// The operation that ended without one.
        var misfit: Int
    }

    /// A point of the path: the state after the operations that have their places, and what may be next.
    private struct Point {
        var state: Model.State
        /// Where the point's operations end in `candidates`; they begin at `next`.
        var end: Int
        var next: Int
        /// Which of the model's states to try for the next operation.
        var branch = 0
    }

    let model: Model
    /// By their calls.
    let operations: [Operation]
    private let visitedHashes: [UInt64]
    private let isObservation: [Bool]
    /// Among the operations that may be next, the one of the lowest rank is tried first.
    private let ranks: [Int]
    /// Nil while the search goes on.
    private(set) var outcome: Outcome?
    /// Steps of the model so far.
    private(set) var steps = 0
    private(set) var deepest: DeadEnd?
    private var list: EntryList
    private var visited: VisitedConfigurations<Model.State>
    private var points: [Point] = []
    /// The operations that have their places, one for each point but the first.
    private var order: [Int] = []
    /// How much of `order` is as it was when `deepest` was noted.
    private var unchangedOrder = 0
    /// What may be next at each point, one point after the other.
    private var candidates: [Int] = []
    private var placed: [UInt64]
    private var placedHash: UInt64 = 0
    /// Ended operations without a place; open ones need none.
    private var endsLeft: Int
    private var branches: [Model.State] = []

    init(_ model: Model, _ unsorted: [Operation]) {
        let operations = unsorted.enumerated()
            .sorted { ($0.element.call, $0.offset) < ($1.element.call, $1.offset) }
            .map(\.element)
        self.model = model
        self.operations = operations
        endsLeft = operations.count { $0.end != nil }
        placed = Array(repeating: 0, count: (operations.count + 63) / 64)
        visited = VisitedConfigurations(operationCount: operations.count)
        var generator = SeededGenerator(seed: 1)
        visitedHashes = operations.map { _ in generator.next() }
        let isObservation = operations.map { model.isObservation($0.input, $0.output) }
        self.isObservation = isObservation
        ranks = Self.ranks(of: operations, isObservation)
        list = EntryList(order: Self.entries(of: operations), isOpen: operations.map { $0.end == nil })
        addPoint(model.initialState)
    }

    /// Calls and ends by time; at one time the calls come first, since what happens at one time is concurrent.
    private static func entries(of operations: [Operation]) -> [Int] {
        var entries = operations.enumerated().map { (time: $0.element.call, entry: $0.offset) }
        for (number, operation) in operations.enumerated() {
            if let end = operation.end { entries.append((end, operations.count + number)) }
        }
        // The entries of calls are smaller than those of ends.
        return entries.sorted { $0 < $1 }.map(\.entry)
    }

    /// Observations first, since they cost nothing; then what ended first, since it most likely took effect first.
    private static func ranks(of operations: [Operation], _ isObservation: [Bool]) -> [Int] {
        let order = operations.indices.sorted { left, right in
            if isObservation[left] != isObservation[right] { return isObservation[left] }
            return (operations[left].end ?? .max, left) < (operations[right].end ?? .max, right)
        }
        var ranks = Array(repeating: 0, count: order.count)
        for (rank, operation) in order.enumerated() { ranks[operation] = rank }
        return ranks
    }

    /// Goes on with the search, which has ended if ``outcome`` is there afterwards.
    ///
    /// - Parameters:
    ///   - steps: How many steps of the model may be taken now.
    ///   - cacheBytes: What the visited configurations may take in all.
    mutating func run(steps limit: Int, cacheBytes: Int) {
        visited.limit(bytes: cacheBytes)
        let last = steps + limit
        while outcome == nil {
            if endsLeft == 0 {
                outcome = .found
            } else if points[points.count - 1].next == points[points.count - 1].end {
                noteDeadEnd()
                if order.isEmpty { outcome = .refuted } else { goBack() }
            } else if steps < last {
                tryNext()
            } else {
                return
            }
        }
    }

    /// What the visited configurations take, without what their states hold elsewhere.
    var cacheBytes: Int { visited.bytes }

    private mutating func addPoint(_ state: Model.State) {
        let first = candidates.count
        var entry = list.first
        while entry < operations.count {
            candidates.append(entry)
            var place = candidates.count - 1
            while place > first, ranks[candidates[place - 1]] > ranks[entry] {
                candidates[place] = candidates[place - 1]
                place -= 1
            }
            candidates[place] = entry
            entry = list.entry(after: entry)
        }
        points.append(Point(state: state, end: candidates.count, next: first))
    }

    /// Makes the next candidate the next operation, if that leads to a configuration that has not been visited.
    private mutating func tryNext() {
        let top = points.count - 1
        let (operation, firstBranch) = (candidates[points[top].next], points[top].branch)
        let isOpen = operations[operation].end == nil
        steps += 1
        branches.removeAll(keepingCapacity: true)
        model.step(
            from: points[top].state, operations[operation].input, operations[operation].output, into: &branches)
        points[top].next += 1
        points[top].branch = 0
        guard firstBranch < branches.count else { return }
        mark(operation)
        for branch in firstBranch..<branches.count {
            let isUnchanged = branches[branch] == points[top].state
            // An open operation is free not to happen.
            guard !(isOpen && isUnchanged), visited.insert(placed, setHash: placedHash, branches[branch]) else {
                continue
            }
            if isUnchanged, isObservation[operation] {
                // Nothing else need be tried in its stead.
                points[top].next = points[top].end
            } else if branch + 1 < branches.count {
                points[top].next -= 1
                points[top].branch = branch + 1
            }
            list.take(operation)
            if !isOpen { endsLeft -= 1 }
            order.append(operation)
            addPoint(branches[branch])
            return
        }
        mark(operation)
    }

    /// Takes back the last choice.
    private mutating func goBack() {
        points.removeLast()
        candidates.removeLast(candidates.count - points[points.count - 1].end)
        let operation = order.removeLast()
        unchangedOrder = min(unchangedOrder, order.count)
        list.putBack(operation)
        if operations[operation].end != nil { endsLeft += 1 }
        mark(operation)
    }

    /// Notes that the operation has its place, or has it no longer.
    private mutating func mark(_ operation: Int) {
        placed[operation >> 6] ^= 1 << UInt64(operation & 63)
        placedHash ^= visitedHashes[operation]
    }

    /// Keeps the path that explains the most answers, with the fewest operations whose outcome is unknown.
    private mutating func noteDeadEnd() {
        if let deepest {
            guard (deepest.endsLeft, deepest.order.count) > (endsLeft, order.count) else { return }
        }
        // Only what is new is copied: a long search comes to a deeper end with nearly every operation.
        var kept = deepest?.order ?? []
        deepest = nil
        kept.removeLast(kept.count - unchangedOrder)
        kept += order[unchangedOrder...]
        unchangedOrder = order.count
        deepest = DeadEnd(
            order: kept, endsLeft: endsLeft, state: points[points.count - 1].state, misfit: list.firstEnd)
    }

    /// The longest path of a search that refuted its history; another search is a programmer error.
    func failure(in partition: Model.Partition) -> LinearizabilityFailure<Model> {
        guard let deepest, let end = operations[deepest.misfit].end else {
            preconditionFailure("the search in \(partition) has refuted nothing")
        }
        let placed = Set(deepest.order)
        let concurrent = operations.indices.filter { number in
            number != deepest.misfit && !placed.contains(number) && operations[number].call <= end
        }
        return LinearizabilityFailure(
            partition: partition, operationCount: operations.count, prefix: deepest.order.map { operations[$0] },
            state: deepest.state, misfit: operations[deepest.misfit], concurrent: concurrent.map { operations[$0] })
    }
}
