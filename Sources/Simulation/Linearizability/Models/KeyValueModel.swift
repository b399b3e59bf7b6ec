/// A map of strings, empty strings at first, whose values are read, written and appended to; a partition is a key.
package struct KeyValueModel: SequentialModel {
    package struct Input: Hashable, Sendable {
        package enum Verb: Hashable, Sendable {
            case get
            case put(String)
            case append(String)
        }

        package var key: String
        package var verb: Verb

        package init(key: String, verb: Verb) {
            self.key = key
            self.verb = verb
        }
    }

    package enum Output: Hashable, Sendable {
        case value(String)
        case done
    }

    package init() {}

    package var initialState: String { "" }

    package func partition(of input: Input) -> String { input.key }

    package func step(from state: String, _ input: Input, _ output: Output?, into next: inout [String]) {
        switch (input.verb, output) {
        case (.get, nil): next.append(state)
        case (.get, .value(let value)): if value == state { next.append(state) }
        case (.put(let value), nil), (.put(let value), .done): next.append(value)
        case (.append(let value), nil), (.append(let value), .done): next.append(state + value)
        default: break
        }
    }

    package func isObservation(_ input: Input, _ output: Output?) -> Bool { input.verb == .get }
}
