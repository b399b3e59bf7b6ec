import Primitives

/// What a string must look like, under the name that schemas give it in `format`.
public enum ValueFormat: String, Hashable, Sendable, CaseIterable {
    /// An amount of whole units, at least nothing; kept in canonical form.
    case quantity
    case rfc1123Label = "rfc1123-label"
    case labelKey = "label-key"
    case labelValue = "label-value"
    case absolutePathOrURL = "absolute-path-or-url"
    /// `sha256:` and 64 lower-case hexadecimal digits.
    case sha256
    case ipv4
    /// Standard base64 with padding (RFC 4648 section 4), in its one canonical form.
    case base64
    /// The name of a value in a Secret.
    case secretKey = "secret-key"
    /// A value that a cluster has sealed: see ``SealedValue``.
    case sealedValue = "sealed-value"
    /// Text without control characters, which no kernel could make anything of.
    case kernelCommandLine = "kernel-command-line"
    /// Where a Git repository is; see ``GitText``.
    case gitURL = "git-url"
    /// A branch or a tag.
    case gitReference = "git-ref"
    /// 40 or 64 lower-case hexadecimal digits.
    case gitCommit = "git-commit"
    /// A directory inside of a repository.
    case gitPath = "git-path"
    /// A line of a `.pub` file.
    case sshPublicKey = "ssh-public-key"

    /// Why text is not of this format, as the detail of an error; nil if it is.
    public func problem(_ text: String) -> String? {
        switch self {
        case .quantity:
            guard let quantity = Quantity(text) else { return Quantity.problem(text) }
            guard let whole = quantity.whole else { return "must be a whole number of bytes" }
            return whole < 0 || text.hasPrefix("-") ? "must be greater than or equal to 0" : nil
        case .rfc1123Label: return NameRules.labelProblem(text)
        case .labelKey: return NameRules.labelKeyProblem(text)
        case .labelValue: return NameRules.labelValueProblem(text)
        case .absolutePathOrURL: return Self.sourceProblem(text)
        case .sha256: return Self.digestHex(of: text) == nil ? rule : nil
        case .ipv4: return Self.isIPv4(text) ? nil : rule
        case .base64: return Base64.decode(text) == nil ? rule : nil
        case .secretKey: return NameRules.isSecretKey(text) ? nil : rule
        case .sealedValue: return SealedValue(text) == nil ? rule : nil
        case .kernelCommandLine: return text.utf8.contains { $0 < 0x20 || $0 == 0x7f } ? rule : nil
        case .gitURL: return GitText.isURL(text) ? nil : rule
        case .gitReference: return GitText.isReference(text) ? nil : rule
        case .gitCommit: return GitText.isCommit(text) ? nil : rule
        case .gitPath: return GitText.isPath(text) ? nil : rule
        case .sshPublicKey: return GitText.isPublicKey(text) ? nil : rule
        }
    }

    /// What is allowed, in a few words.
    public var rule: String {
        switch self {
        case .quantity: Quantity.rule
        case .rfc1123Label: "must be a lowercase RFC 1123 label"
        case .labelKey: "must be a label key, [prefix/]name"
        case .labelValue: "must be a label value"
        case .absolutePathOrURL: "must be an absolute path on the nodes or an http or https URL"
        case .sha256:
            "must be \"sha256:\" and 64 lower-case hexadecimal digits, as 'sha256sum FILE' prints them: "
                + "\"sha256:9f86d081...0f00a08\""
        case .ipv4: "must be an IPv4 address, such as 127.0.0.1"
        case .base64: "must be base64 with padding, as 'base64 -w0' prints it"
        case .secretKey: "must be 1 to 253 of the characters A-Z, a-z, 0-9, '-', '_' and '.'"
        case .sealedValue: "must be a value as a cluster sealed it, as 'blixard export' prints it"
        case .kernelCommandLine: "must not hold control characters, such as a line feed"
        case .gitURL:
            "must be an https, http, ssh, git or file URL without a password, USER@HOST:PATH, or an absolute path"
        case .gitReference: "must be the name of a branch or a tag, such as main or v1.2"
        case .gitCommit: "must be the full name of a commit, 40 or 64 lower-case hexadecimal digits"
        case .gitPath: "must be a directory inside of the repository, such as clusters/prod, without . and .."
        case .sshPublicKey: "must be an OpenSSH public key, such as \"ssh-ed25519 AAAAC3Nz... name\""
        }
    }

    /// The text that equal values of this format share.
    func canonical(_ text: String) -> String {
        self == .quantity ? Quantity(text)?.description ?? text : text
    }

    /// The digits of `sha256:<64 lower-case hexadecimal digits>`.
    static func digestHex(of text: String) -> String? {
        let prefix = "sha256:"
        guard text.hasPrefix(prefix) else { return nil }
        let hex = text.dropFirst(prefix.count)
        let isHex = hex.utf8.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        return hex.utf8.count == 64 && isHex ? String(hex) : nil
    }

    private static func sourceProblem(_ text: String) -> String? {
        if text.hasPrefix("/") {
            guard text.utf8.count > 1 else { return absolutePathOrURL.rule }
            return text.utf8.contains { $0 <= 0x20 || $0 == 0x7f }
                ? absolutePathOrURL.rule + ", without spaces or control characters" : nil
        }
        guard !text.isEmpty else { return absolutePathOrURL.rule }
        guard text.utf8.contains(UInt8(ascii: ":")) else { return "is a relative path: " + absolutePathOrURL.rule }
        // The other way in which people name a file of the host.
        if text.hasPrefix("file:") { return absolutePathOrURL.rule + "; write a file's path without \"file:\"" }
        return FetchURL.problem(text).map { absolutePathOrURL.rule + "; " + $0 }
    }

    static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                // Neither signs nor leading zeros.
                guard let number = UInt8(part) else { return false }
                return String(number) == part
            }
    }
}
