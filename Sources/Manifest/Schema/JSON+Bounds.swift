import JSONText

/// Comparisons of any number with a bound of 64 bits, exact also for numbers that no 64 bits hold.
extension JSON {
    /// False for what is no number.
    func isNumber(below bound: Int64) -> Bool {
        switch self {
        case .integer(let integer): integer < bound
        case .number(let number): number.isBelow(bound)
        default: false
        }
    }

    /// False for what is no number.
    func isNumber(above bound: Int64) -> Bool {
        switch self {
        case .integer(let integer): integer > bound
        // It is no integer of 64 bits, so it never equals the bound.
        case .number(let number): !number.isBelow(bound)
        default: false
        }
    }
}

extension JSONNumber {
    /// A number has a fraction, or it is beyond 64 bits: then its sign alone decides.
    fileprivate func isBelow(_ bound: Int64) -> Bool {
        let isNegative = description.hasPrefix("-")
        if description.contains("e+") || !description.contains(where: { ".e".contains($0) }) { return isNegative }
        // With a negative exponent it lies between -1 and 1. "-0" before the point is 0.
        let whole = description.contains("e-") ? 0 : Int64(description.prefix { $0 != "." })
        guard let whole else { return isNegative }
        return isNegative ? whole <= bound : whole < bound
    }
}
