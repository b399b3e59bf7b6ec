import JSONText
import Manifest

/// The order that `--sort-by` asks for: by the value at a path.
///
/// Numbers and quantities go by size, texts by their signs with the numbers in them by size (`vm-2` before `vm-10`).
/// Objects without the value come first, and equal ones stay in the order that they came in.
struct SortKey: Equatable {
    let path: PathExpression
    /// As it was written, for errors.
    let text: String

    init(_ text: String) throws {
        self.text = text
        path = try PathExpression(text)
    }

    /// - Throws: If there are objects, and none has the value.
    func sorted<Element>(_ elements: [Element], by object: (Element) -> JSON) throws -> [Element] {
        let keyed = elements.enumerated().map { position, element in
            (position: position, value: path.values(in: object(element)).first.map(Value.init), element: element)
        }
        guard keyed.isEmpty || keyed.contains(where: { $0.value != nil }) else {
            throw CommandFailure.error("couldn't find any field with path \"\(text)\" in the list of objects")
        }
        return keyed.sorted { left, right in
            switch (left.value, right.value) {
            case (nil, nil): return left.position < right.position
            case (nil, _): return true
            case (_, nil): return false
            case (let one?, let two?):
                if one < two { return true }
                return two < one ? false : left.position < right.position
            }
        }.map(\.element)
    }

    /// What values are compared by.
    private enum Value: Comparable {
        case number(Double)
        case quantity(Quantity)
        case text(String)

        init(_ json: JSON) {
            if let number = json.double {
                self = .number(number)
            } else if let text = json.string {
                self = Quantity(text).map { .quantity($0) } ?? .text(text)
            } else {
                self = .text(json.compactText)
            }
        }

        static func < (left: Value, right: Value) -> Bool {
            switch (left, right) {
            case (.number(let one), .number(let two)): one < two
            case (.quantity(let one), .quantity(let two)): one < two
            case (.text(let one), .text(let two)): naturallyPrecedes(Array(one.utf8), Array(two.utf8))
            // Values of different types stay together.
            default: left.rank < right.rank
            }
        }

        private var rank: Int {
            switch self {
            case .number: 0
            case .quantity: 1
            case .text: 2
            }
        }
    }

    /// Compares texts by their bytes, and runs of digits in them as numbers.
    private static func naturallyPrecedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var (one, two) = (left[...], right[...])
        while let first = one.first, let second = two.first {
            if isDigit(first), isDigit(second) {
                let (numberOne, numberTwo) = (takeNumber(&one), takeNumber(&two))
                if numberOne.count != numberTwo.count { return numberOne.count < numberTwo.count }
                if numberOne != numberTwo { return numberOne.lexicographicallyPrecedes(numberTwo) }
            } else {
                if first != second { return first < second }
                one.removeFirst()
                two.removeFirst()
            }
        }
        return one.isEmpty && !two.isEmpty
    }

    /// Takes the digits at the beginning; answers them without leading zeros.
    private static func takeNumber(_ text: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = text.prefix(while: isDigit)
        text = text[digits.endIndex...]
        return digits.drop { $0 == UInt8(ascii: "0") }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
