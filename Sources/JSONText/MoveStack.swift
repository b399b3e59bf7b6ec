/// A growing buffer that values are moved into, and out of into arrays of exactly the right size.
///
/// The members of an object that is being read wait here until their number is known: one allocation an object, and
/// no counting of references on the way.
struct MoveStack<Element>: ~Copyable {
    private var storage: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        storage = .allocate(capacity: capacity)
    }

    deinit {
        storage.deinitialize(count: count)
        storage.deallocate()
    }

    subscript(position: Int) -> Element {
        _read { yield storage[position] }
    }

    @inline(__always)
    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (storage + count).initialize(to: element)
        count += 1
    }

    /// Everything from `start` up, which leaves the stack.
    ///
    /// An array that is filled by appending is quicker here than one that is made with its elements: that goes through
    /// the standard library's unspecialised code, which looks the type of the storage up each time.
    @inline(__always)
    mutating func pop(from start: Int) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count - start)
        for position in start..<count { elements.append((storage + position).move()) }
        count = start
        return elements
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity *= 2
    }
}
