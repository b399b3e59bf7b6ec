import Manifest
import Primitives

/// A URL that `-f` names.
struct ManifestURL {
    let url: FetchURL
    /// Without the query, which may end with anything.
    let path: String

    /// Nil for what is a path.
    ///
    /// - Throws: If it is a URL and can't be fetched.
    init?(_ name: String) throws(CommandFailure) {
        guard let mark = name.firstRange(of: "://") else { return nil }
        let scheme = name[..<mark.lowerBound]
        guard !scheme.isEmpty, scheme.allSatisfy({ $0.isASCII && ($0.isLetter || "+-.".contains($0)) }) else {
            return nil
        }
        let authority = name[mark.upperBound...].prefix { !"/?#".contains($0) }
        if authority.contains("@") {
            // The password is not repeated.
            throw .error(
                "the URL of \(scheme)://...\(authority.drop { $0 != "@" }.description.harmless) names a user or password, "
                    + "which everyone on this host may read in the list of processes: fetch it with another program and "
                    + "pass it on with -f -")
        }
        guard let url = FetchURL(name) else {
            throw .error("the URL \"\(name.harmless)\" can't be fetched: \(FetchURL.problem(name)?.harmless ?? "")")
        }
        self.url = url
        path = String(url.path)
    }
}
