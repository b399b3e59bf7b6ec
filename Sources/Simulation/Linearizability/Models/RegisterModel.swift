/// One register that is read, written, and compared and set; it holds nothing at first.
package struct RegisterModel: SequentialModel {
    package enum Input: Hashable, Sendable {
        case read
        case write(Int)
        case compareAndSet(from: Int, to: Int)
    }

    package enum Output: Hashable, Sendable {
        /// What a read found; nil if nothing had been written.
        case value(Int?)
        case written
        /// Whether a compare-and-set found what it expected.
        case compared(isSet: Bool)
    }

    package init() {}

    package var initialState: Int? { nil }

    package func partition(of input: Input) -> Int { 0 }

    package func step(from state: Int?, _ input: Input, _ output: Output?, into next: inout [Int?]) {
        switch (input, output) {
        case (.read, nil): next.append(state)
        case (.read, .value(let value)): if value == state { next.append(state) }
        case (.write(let value), nil), (.write(let value), .written): next.append(value)
        case (.compareAndSet(let expected, let value), nil): next.append(state == expected ? value : state)
        case (.compareAndSet(let expected, let value), .compared(let isSet)):
            if isSet == (state == expected) { next.append(isSet ? value : state) }
        default: break
        }
    }

    package func isObservation(_ input: Input, _ output: Output?) -> Bool {
        input == .read || output == .compared(isSet: false)
    }
}
