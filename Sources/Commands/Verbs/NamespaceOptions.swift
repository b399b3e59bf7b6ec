import ArgumentParser
import Manifest

/// The flag `-n` of commands that name objects.
struct NamespaceOptions: ParsableArguments {
    @Option(
        name: [.customShort("n", allowingJoined: true), .customLong("namespace")],
        help: ArgumentHelp("The namespace of the objects (default: default).", valueName: "name"))
    var given: String?

    var namespace: String { given ?? KindInfo.defaultNamespace }
}

/// The flags `-f` and `-R` of commands that read manifests.
struct FileOptions: ParsableArguments {
    @Option(
        name: [.customShort("f", allowingJoined: true), .customLong("filename")], parsing: .singleValue,
        help: ArgumentHelp(
            "A manifest file, a directory of .json, .yaml and .yml files, or - for standard input. Repeatable.",
            valueName: "path"))
    var filename: [String] = []

    @Flag(name: [.customShort("R"), .long], help: "Search the directories of -f to the bottom.")
    var recursive = false

    /// All documents of all files, checked; or everything that is wrong with them at once.
    ///
    /// - Parameter namespace: Where objects go that name none; those that name another are refused if it was given.
    func documents(verb: String, namespace: NamespaceOptions, in world: World) throws -> [ManifestDocument] {
        guard !filename.isEmpty else { throw CommandFailure.error("must specify -f") }
        let reader = ManifestReader(namespace: namespace.namespace, namespaceIsBinding: namespace.given != nil)
        return try ManifestLoading.load(
            ManifestFiles(names: filename, recursive: recursive), reader: reader, verb: verb, in: world)
    }
}

/// How long to wait: `90s`, `5m`, `1h30m`, `500ms`, or a number of seconds.
struct DurationText: ExpressibleByArgument, Equatable {
    let milliseconds: Int64

    init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        var rest = Substring(argument)
        let negative = rest.hasPrefix("-")
        if negative { rest.removeFirst() }
        if let seconds = Int64(rest), seconds < 1 << 40 {
            milliseconds = (negative ? -seconds : seconds) * 1000
            return
        }
        var total: Int64 = 0
        var parts = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest.removeFirst(unit.count)
            guard let number = Int64(digits), number < 1 << 32, let scale = Self.scale(of: unit) else { return nil }
            total += number * scale
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

    var defaultValueDescription: String { AgeText.text(seconds: milliseconds / 1000) }
}
