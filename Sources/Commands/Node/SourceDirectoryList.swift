/// Directories that images may be read from, as they are written: with `:` between several.
struct SourceDirectoryList {
    static let rule =
        "must name directories, with : between several; none may be empty or hold .."

    let directories: [String]

    /// Nil unless every part names a directory. One that does not begin at the root is meant from the working
    /// directory on.
    init?(_ text: String) {
        self.init(text.split(separator: ":", omittingEmptySubsequences: false).map(String.init))
    }

    init?(_ parts: [String]) {
        for part in parts {
            guard !part.isEmpty, !part.utf8.contains(0), !part.utf8.contains(UInt8(ascii: ":")),
                !part.split(separator: "/").contains("..")
            else { return nil }
        }
        directories = parts.map(LocalFiles.absolute)
    }
}
