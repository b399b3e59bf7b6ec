import Primitives

/// The search for an order of one partition's operations, depth first.
///
/// At each point any operation may be next whose call lies before the first end in the list, because all that precede
/// it have their places. When the first end is reached, its operation came too late for this path.
struct LinearizationSearch<Model: SequentialModel> {
    typealias Operation = ClientOperation<Model.Input, Model.Output>

    enum Outcome {
        case found, refuted
    }

    /// An operation that has its place.
    struct Placement {
        var operation: Int
        var stateBefore: Model.State
        /// The next of the model's states to try for the operation; nil if there is no other.
        var nextBranch: Int?
        /// Whether nothing else need be tried in its stead.
        var isForced: Bool
    }

    let model: Model
    /// By their calls.
    let operations: [Operation]
    private let visitedHashes: [UInt64]
    /// Nil while the search goes on.
    private(set) var outcome: Outcome?
    /// Steps of the model so far.
    private(set) var steps = 0
    private(set) var deepest: DeadEnd?
    private var list: EntryList
    private var visited: VisitedConfigurations<Model.State>
    private var placements: [Placement] = []
    private var placed: [UInt64]
    private var placedHash: UInt64 = 0
    /// Ended operations without a place; open ones need none.
    private var endsLeft: Int
    private var state: Model.State
    private var cursor: Int
    private var branches: [Model.State] = []

    init(_ model: Model, _ unsorted: [Operation]) {
        let operations = unsorted.enumerated()
            .sorted { ($0.element.call, $0.offset) < ($1.element.call, $1.offset) }
            .map(\.element)
        self.model = model
        self.operations = operations
        endsLeft = operations.count { $0.end != nil }
        state = model.initialState
        placed = Array(repeating: 0, count: (operations.count + 63) / 64)
        visited = VisitedConfigurations(operationCount: operations.count)
        var generator = SeededGenerator(seed: 1)
        visitedHashes = operations.map { _ in generator.next() }
        list = EntryList(order: Self.entries(of: operations), isOpen: operations.map { $0.end == nil })
        cursor = list.first
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
            } else if !list.isCall(cursor) {
                noteDeadEnd(misfit: list.operation(of: cursor))
                if !goBack() { outcome = .refuted }
            } else if steps < last {
                if !place(cursor, from: 0) { cursor = list.entry(after: cursor) }
            } else {
                return
            }
        }
    }

    /// What the visited configurations take, without what their states hold elsewhere.
    var cacheBytes: Int { visited.bytes }

    /// Makes the operation the next one, if that leads to a configuration that has not been visited.
    private mutating func place(_ operation: Int, from firstBranch: Int) -> Bool {
        let (input, output) = (operations[operation].input, operations[operation].output)
        let isOpen = operations[operation].end == nil
        steps += 1
        branches.removeAll(keepingCapacity: true)
        model.step(from: state, input, output, into: &branches)
        guard firstBranch < branches.count else { return false }
        mark(operation)
        for branch in firstBranch..<branches.count {
            let isUnchanged = branches[branch] == state
            // An open operation is free not to happen.
            guard !(isOpen && isUnchanged), visited.insert(placed, setHash: placedHash, branches[branch]) else {
                continue
            }
            let nextBranch = branch + 1 < branches.count ? branch + 1 : nil
            placements.append(
                Placement(
                    operation: operation, stateBefore: state, nextBranch: nextBranch,
                    isForced: isUnchanged && model.isObservation(input, output)))
            state = branches[branch]
            list.take(operation)
            if !isOpen { endsLeft -= 1 }
            cursor = list.first
            return true
        }
        mark(operation)
        return false
    }

    /// Takes back the last choice, and makes the next one in its stead.
    ///
    /// - Returns: False if every choice has been tried.
    private mutating func goBack() -> Bool {
        while let last = placements.popLast() {
            list.putBack(last.operation)
            if operations[last.operation].end != nil { endsLeft += 1 }
            mark(last.operation)
            state = last.stateBefore
            guard !last.isForced else { continue }
            if let branch = last.nextBranch, place(last.operation, from: branch) { return true }
            cursor = list.entry(after: last.operation)
            return true
        }
        return false
    }

    /// Notes that the operation has its place, or has it no longer.
    private mutating func mark(_ operation: Int) {
        placed[operation >> 6] ^= 1 << UInt64(operation & 63)
        placedHash ^= visitedHashes[operation]
    }

    /// Keeps the path that explains the most answers, with the fewest operations that nobody has heard of.
    private mutating func noteDeadEnd(misfit: Int) {
        if let deepest {
            guard (deepest.endsLeft, deepest.order.count) > (endsLeft, placements.count) else { return }
        }
        deepest = DeadEnd(order: placements.map(\.operation), endsLeft: endsLeft, state: state, misfit: misfit)
    }
}
