import ManifestFiles
import Primitives

/// A ticket's text, or `@FILE` that holds it: every user of a host sees its command lines.
enum TicketFile {
    /// The text of the ticket that this names; what does not begin with `@` is the text itself.
    static func text(of word: String) throws(FileFailure) -> String {
        guard word.hasPrefix("@") else { return word }
        let path = String(word.dropFirst())
        let bytes = try LocalFiles.read(path, limit: 64 << 10)
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
        let text = String(
            decoding: ManifestText(bytes).bytes.drop(while: isSpace).prefix { !isSpace($0) }, as: UTF8.self)
        guard text.lowercased().hasPrefix("blx1") else {
            throw FileFailure(path: path, problem: "it holds no ticket, which begins with blx1")
        }
        return text
    }
}
