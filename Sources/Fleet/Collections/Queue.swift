/// First in, first out, in amortised constant time, as a value whose copies share what they have in common.
///
/// Elements lie in chunks, so that a change of one copy while another is held costs a chunk and not the whole queue:
/// readers hold copies of a fleet while entries are applied to it.
struct Queue<Element> {
    private static var chunkLength: Int { 256 }

    /// All full but the last one; those before `firstChunk` are empty again. What was taken is freed at once: one
    /// element may be as large as an entry of the log.
    private var chunks: [[Element?]] = []
    private var firstChunk = 0
    /// Elements of the first chunk that have been taken.
    private var head = 0
    private(set) var count = 0

    init(_ elements: [Element] = []) {
        for element in elements { append(element) }
    }

    var first: Element? { count > 0 ? self[0] : nil }
    var last: Element? { count > 0 ? self[count - 1] : nil }
    /// Oldest first; a copy.
    var elements: [Element] { (0..<count).map { self[$0] } }

    /// - Parameter position: From the oldest, 0, to the newest.
    subscript(position: Int) -> Element {
        precondition(position >= 0 && position < count, "element \(position) of \(count)")
        let place = head + position
        guard let element = chunks[firstChunk + place / Self.chunkLength][place % Self.chunkLength] else {
            preconditionFailure("element \(position) of \(count) was taken")
        }
        return element
    }

    mutating func append(_ element: Element) {
        if let last = chunks.indices.last, last >= firstChunk, chunks[last].count < Self.chunkLength {
            chunks[last].append(element)
        } else {
            chunks.append([element])
        }
        count += 1
    }

    @discardableResult
    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = self[0]
        chunks[firstChunk][head] = nil
        head += 1
        count -= 1
        guard head == Self.chunkLength else { return element }
        chunks[firstChunk] = []
        firstChunk += 1
        head = 0
        if firstChunk >= 16, firstChunk * 2 >= chunks.count {
            chunks.removeFirst(firstChunk)
            firstChunk = 0
        }
        return element
    }

    mutating func removeAll(where matches: (Element) -> Bool) {
        self = Queue(elements.filter { !matches($0) })
    }
}

extension Queue: Sendable where Element: Sendable {}

extension Queue: Equatable where Element: Equatable {
    static func == (left: Queue, right: Queue) -> Bool {
        left.count == right.count && (0..<left.count).allSatisfy { left[$0] == right[$0] }
    }
}
