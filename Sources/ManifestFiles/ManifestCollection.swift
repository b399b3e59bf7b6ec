import JSONText
public import Manifest

/// The texts of several files, in the order in which they are read, as sources of one set of manifests.
public struct ManifestCollection: Sendable {
    public private(set) var sources: [ManifestSource] = []
    /// Texts that can't be read, so that they are reported together with everything else that is wrong.
    public private(set) var errors: [ManifestError] = []
    /// The files, in the order in which they were read.
    public private(set) var names: [String] = []
    /// How many bytes may still be read.
    public private(set) var allowance: Int
    private let limit: Int

    /// - Parameter limit: How many bytes all texts may have together.
    public init(limit: Int) {
        self.limit = limit
        allowance = limit
    }

    /// More bytes than all files may have together.
    public struct TooLarge: Error, Equatable, Sendable, CustomStringConvertible {
        /// The file with which they became too many.
        public var name: String
        public var limit: Int

        public var description: String {
            "\(name): the manifests are too large: together they may have \(limit) bytes"
        }
    }

    /// Reads the next file: JSON by its extension or, without one, by its first sign; YAML otherwise.
    ///
    /// - Parameters:
    ///   - name: What errors call it.
    ///   - path: What ends with the extension; nil for the name.
    public mutating func add(
        _ bytes: [UInt8], name: String, extension path: String? = nil
    ) throws(TooLarge) {
        names.append(name)
        allowance -= bytes.count
        guard allowance >= 0 else { throw TooLarge(name: name, limit: limit) }
        let text = ManifestText(bytes)
        if let problem = text.problem {
            errors.append(
                ManifestError(
                    source: name, position: nil, object: nil, path: .root, reason: .malformed, detail: problem))
            return
        }
        switch ManifestFormat(name: (path ?? name).utf8, text: text) {
        case .json: sources.append(ManifestSource(name: name, bytes: text.bytes))
        case .yaml:
            let documents = YAMLDocuments(text.bytes, source: name)
            sources += documents.sources
            errors += documents.errors
        }
    }

    /// All documents of all files with everything that is wrong with any of them, file by file.
    ///
    /// - Parameter assumed: Objects that documents may name although no document declares them; nil to look at no names.
    public func inspect(with reader: ManifestReader, assuming assumed: AssumedObjects?) -> ManifestInspection {
        let checked = reader.inspect(sources, assuming: assumed)
        guard !errors.isEmpty else { return checked }
        var order: [String: Int] = [:]
        for name in names where order[name] == nil { order[name] = order.count }
        let sorted = (errors + checked.errors).enumerated().sorted { left, right in
            let (a, b) = (order[left.element.source] ?? 0, order[right.element.source] ?? 0)
            return a == b ? left.offset < right.offset : a < b
        }.map(\.element)
        return ManifestInspection(
            documents: checked.documents, errors: sorted, omitted: checked.omitted, warnings: [], omittedWarnings: 0)
    }
}
