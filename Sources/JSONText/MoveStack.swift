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
    @inline(__always)
    mutating func pop(from start: Int) -> [Element] {
        let moved = count - start
        let source = storage + start
        count = start
        if moved == 0 { return [] }
        return [Element](unsafeUninitializedCapacity: moved) { buffer, initialized in
            buffer.baseAddress!.moveInitialize(from: source, count: moved)
            initialized = moved
        }
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: storage, count: count)
        storage.deallocate()
        storage = larger
        capacity *= 2
    }
}
