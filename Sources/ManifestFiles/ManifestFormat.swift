/// Which language a manifest file is written in.
public enum ManifestFormat: Equatable, Sendable {
    case json
    case yaml

    public static let extensions = [".json", ".yaml", ".yml"]

    /// What the name of a file says, whatever the case of its ASCII letters; nil if it says nothing.
    public init?(name: some Collection<UInt8>) {
        if Self.ends(name, with: ".json") {
            self = .json
        } else if Self.ends(name, with: ".yaml") || Self.ends(name, with: ".yml") {
            self = .yaml
        } else {
            return nil
        }
    }

    /// What the name says or, if it says nothing, what the text's first sign says.
    public init(name: some Collection<UInt8>, text: ManifestText) {
        self = ManifestFormat(name: name) ?? (text.looksLikeJSON ? .json : .yaml)
    }

    private static func ends(_ name: some Collection<UInt8>, with suffix: String) -> Bool {
        name.count >= suffix.utf8.count
            && zip(name.suffix(suffix.utf8.count), suffix.utf8).allSatisfy { byte, wanted in
                ((0x41...0x5a).contains(byte) ? byte | 0x20 : byte) == wanted
            }
    }
}
