import Host
import JSONText
import Journal

/// Reads a journal for the commands that show it.
enum JournalReader {
    static func inspect(_ place: JournalPlace, entries: ClosedRange<UInt64>?) throws -> JournalInspection {
        try inspect(try place.path(), entries: entries)
    }

    private static func inspect(
        _ path: String, entries: ClosedRange<UInt64>?
    ) throws(CommandFailure) -> JournalInspection {
        do {
            return try JournalInspection(on: FileSystemDisk(), directory: path, entries: entries)
        } catch {
            switch error {
            case .missing:
                throw .error(
                    "there is no journal in \(path): name the data directory of a node of this host, as given by "
                        + "--data-dir or BLIXARD_DATA_DIR")
            case .disk(let failure): throw .error("the journal can't be read: \(failure)", exitCode: error.exitCode)
            default: throw .error("\(error)", exitCode: error.exitCode)
            }
        }
    }

    /// `FROM..TO`, `FROM..`, `..TO` or one index.
    static func indexes(_ text: String) throws(CommandFailure) -> ClosedRange<UInt64> {
        let wrong = CommandFailure.error(
            "--entries \(text): it must be FROM..TO, FROM.., ..TO or one index, such as 4000..4010")
        guard let dots = text.firstRange(of: "..") else {
            guard let index = UInt64(text) else { throw wrong }
            return index...index
        }
        let from = text[..<dots.lowerBound]
        let to = text[dots.upperBound...]
        guard let first = from.isEmpty ? 1 : UInt64(from), let last = to.isEmpty ? UInt64.max : UInt64(to),
            !(from.isEmpty && to.isEmpty)
        else { throw wrong }
        guard first <= last else { throw .error("--entries \(text): \(first) is after \(last)") }
        return first...last
    }
}

/// How journals are printed.
enum JournalFormat {
    case text
    case json((JSON) -> String)

    init(_ options: OutputOptions, of command: String) throws {
        switch try options.format() {
        case .table, .wide: self = .text
        case .json: self = .json { $0.prettyText }
        case .yaml: self = .json { YAMLText.render($0) }
        case .jsonPath(let template): self = .json { template.render($0) }
        case .name, .columns:
            throw CommandFailure.error(
                "-o \(options.output ?? "") is not for \(command): it must be json, yaml or jsonpath=TEMPLATE")
        }
    }

    var isText: Bool {
        if case .text = self { return true }
        return false
    }
}
