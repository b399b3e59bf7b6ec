import ArgumentParser
import Manifest
import Primitives

/// The flag `-n` of commands that name objects.
struct NamespaceOptions: ParsableArguments {
    @Option(
        name: [.customShort("n", allowingJoined: true), .customLong("namespace")],
        help: ArgumentHelp("The namespace of the objects (default: default).", valueName: "name"))
    var given: String?

    var namespace: String { given ?? KindInfo.defaultNamespace }
}

/// How long to wait: `90s`, `5m`, `1h30m`, `500ms`, or a number of seconds; at most ten years.
struct DurationText: ExpressibleByArgument, Equatable {
    let milliseconds: Int64

    /// Ten years: more is a slip, and no clock need ever be asked for it.
    static let longestMilliseconds: Int64 = 3650 * 86_400_000

    /// What stands for a duration in help and errors.
    static let valueName = "duration"
    /// What a person is told whose word is none.
    static let rule = "give a number with a unit, such as 90s, 5m or 1h30m, and no more than 3650d"

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        var rest = Substring(argument)
        let negative = rest.hasPrefix("-")
        if negative { rest.removeFirst() }
        var total: Int64 = 0
        if !rest.isEmpty, rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { rest += "s" }
        var parts = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest.removeFirst(unit.count)
            guard let number = Int64(digits), let scale = Self.scale(of: unit) else { return nil }
            total = total.addingClamped(number.multipliedClamped(by: scale))
            guard total <= Self.longestMilliseconds else { return nil }
            parts += 1
        }
        guard parts > 0 else { return nil }
        milliseconds = negative ? -total : total
    }

    private static func scale(of unit: Substring) -> Int64? {
        switch unit {
        case "ms": 1
        case "s": 1000
        case "m": 60_000
        case "h": 3_600_000
        case "d": 86_400_000
        default: nil
        }
    }

    var defaultValueDescription: String { AgeText.of(seconds: milliseconds / 1000) }
}
