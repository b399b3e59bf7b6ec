import Primitives

// Draws that are the same in every process and with every version of the standard library.
extension SeededGenerator {
    /// A number in `0 ..< bound`.
    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "a draw below \(bound)")
        return Int(next() % UInt64(bound))
    }

    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// True in `perMille` of 1000 cases.
    mutating func chance(_ perMille: Int) -> Bool { below(1000) < perMille }

    mutating func element<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }
}
