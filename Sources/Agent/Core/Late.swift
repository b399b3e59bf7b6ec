import Synchronization

/// A value that is known a moment after those who need it.
final class Late<Value: AnyObject & Sendable>: Sendable {
    private let box = Mutex<Value?>(nil)

    var value: Value? { box.withLock { $0 } }

    func fill(_ value: Value) {
        box.withLock { $0 = value }
    }
}

/// The addresses that were bound, known once they are.
final class PortBox: Sendable {
    private let box = Mutex<[String]>([])

    var addresses: [String] {
        get { box.withLock { $0 } }
        set { box.withLock { $0 = newValue } }
    }
}
