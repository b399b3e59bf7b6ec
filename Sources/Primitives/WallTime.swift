/// A moment of civil time: milliseconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
///
/// It labels; nothing that protects data waits for it.
public struct WallTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var milliseconds: Int64

    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    public static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

    public var description: String { rfc3339 }

    /// RFC 3339 in UTC with whole seconds, as Kubernetes writes times: `2026-01-31T23:59:59Z`.
    public var rfc3339: String {
        let seconds = Self.floorDivide(milliseconds, 1000)
        let day = Self.floorDivide(seconds, 86_400)
        let second = Int(seconds - day * 86_400)
        let (year, month, dayOfMonth) = Self.civil(fromDay: day)
        return "\(Self.pad(year, 4))-\(Self.pad(month, 2))-\(Self.pad(dayOfMonth, 2))T"
            + "\(Self.pad(second / 3600, 2)):\(Self.pad(second / 60 % 60, 2)):\(Self.pad(second % 60, 2))Z"
    }

    /// The same with milliseconds, as Kubernetes writes times that identify something: `2026-01-31T23:59:59.250Z`.
    public var rfc3339Milliseconds: String {
        let rest = Int(milliseconds % 1000)
        let fraction = rest < 0 ? rest + 1000 : rest
        return "\(rfc3339.dropLast()).\(Self.pad(fraction, 3))Z"
    }

    /// Reads RFC 3339 in UTC (`Z`), with or without a fraction of a second; nil for anything else.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z"),
            bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction: Int64 = 0
        if bytes.count > 20 {
            guard bytes[19] == UInt8(ascii: "."), (22...30).contains(bytes.count) else { return nil }
            for position in 0..<3 {
                let digit = 20 + position < bytes.count - 1 ? Self.number(bytes[20 + position..<21 + position]) : 0
                guard let digit else { return nil }
                fraction = fraction * 10 + Int64(digit)
            }
        }
        let days = Self.day(fromYear: year, month: month, day: day)
        milliseconds = ((days * 86_400) + Int64(hour * 3600 + minute * 60 + second)) * 1000 + fraction
        guard Self.civil(fromDay: days) == (year, month, day) else { return nil }
    }

    // Days to dates and back by the era arithmetic of the proleptic Gregorian calendar: an era is 400 years of
    // 146,097 days, and a year is counted from March so that the leap day comes last.

    private static func civil(fromDay day: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (Int(year), Int(month), Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1))
    }

    private static func day(fromYear year: Int, month: Int, day: Int) -> Int64 {
        let marchYear = Int64(month <= 2 ? year - 1 : year)
        let era = floorDivide(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
        let quotient = value / by
        return value % by < 0 ? quotient - 1 : quotient
    }

    private static func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
