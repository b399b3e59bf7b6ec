// Sums and products of values from outside: a result that does not fit is the nearest one that does, never a trap.
// Where "too much" must be told apart from "as much as there is", use the operators of the standard library that report
// an overflow.
extension FixedWidthInteger {
    /// The sum; the largest or smallest value where it does not fit.
    @inlinable
    public func addingClamped(_ other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference; the largest or smallest value where it does not fit.
    @inlinable
    public func subtractingClamped(_ other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The product; the largest or smallest value where it does not fit.
    @inlinable
    public func multipliedClamped(by other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }
}
