import JSONText
import Manifest
import ManifestFiles
import Primitives

/// One value that a person has written, as JSON or YAML.
struct EditedText {
    let bytes: [UInt8]
    /// What errors call the text.
    let name: String

    init(_ bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    /// The text as manifest sources; YAML has one for each document.
    ///
    /// - Throws: ``CommandFailure`` with all that can't be read.
    func sources() throws -> [ManifestSource] {
        let text = ManifestText(bytes)
        if let problem = text.problem { throw CommandFailure.error("\(name.harmless): \(problem)") }
        if text.looksLikeJSON { return [ManifestSource(name: name, bytes: text.bytes)] }
        let documents = YAMLDocuments(text.bytes, source: name)
        guard documents.errors.isEmpty else { throw CommandFailure(lines: documents.errors.map { "error: \($0)" }) }
        return documents.sources
    }

    /// The one value that the text holds.
    ///
    /// - Throws: ``CommandFailure`` if it can't be read, or holds none or several.
    func value() throws -> JSON {
        let sources = try sources()
        guard sources.count == 1 else {
            throw CommandFailure.error("\(name.harmless): must hold one value, found \(sources.count)")
        }
        switch sources[0].content {
        case .value(let value, _): return value
        case .text(let bytes):
            do throws(JSONError) {
                return try JSON(parsing: bytes)
            } catch {
                throw CommandFailure(lines: ["error: \(name):\(error)"])
            }
        }
    }
}
