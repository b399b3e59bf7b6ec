/// Contents by their names, as `git cat-file --batch` prints them. Pure.
enum GitObjects {
    struct Malformed: Error {}

    /// What stands around each content at most: its name, type and size, and two ends of lines.
    static let overheadBytes = 128

    /// The input that asks for contents.
    static func request(_ blobs: [GitTree.Blob]) -> [UInt8] {
        blobs.flatMap { Array("\($0.id)\n".utf8) }
    }

    /// - Parameters:
    ///   - output: `ID TYPE SIZE`, a line feed, the content and a line feed, for each content that was asked for.
    ///   - blobs: In the order of the request.
    static func contents(in output: [UInt8], of blobs: [GitTree.Blob]) throws(Malformed) -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        var rest = output[...]
        for blob in blobs {
            let header = "\(blob.id) blob \(blob.byteCount)\n".utf8
            guard rest.starts(with: header), rest.count > header.count + blob.byteCount else { throw Malformed() }
            rest = rest.dropFirst(header.count)
            contents[blob.id] = Array(rest.prefix(blob.byteCount))
            rest = rest.dropFirst(blob.byteCount + 1)
        }
        guard rest.isEmpty else { throw Malformed() }
        return contents
    }
}
