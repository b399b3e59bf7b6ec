/// A part of a path that a request fills in.
public enum PathParameter: String, CaseIterable, Sendable {
    case namespace
    /// The plural of a kind.
    case plural
    case name
    /// A public key in hexadecimal digits.
    case key
    /// A number of decimal digits.
    case number

    /// What stands for it in the pattern of a route: `:name`.
    public var pattern: String { ":" + rawValue }
}
