/// What one fetch of a repository may take.
struct GitLimits: Sendable {
    /// From its begin to its last document.
    var milliseconds: Int64
    /// On disk, with what git writes meanwhile.
    var repositoryBytes: Int64
    /// Of all manifests together: one entry of the log has them all.
    var documentBytes: Int
    /// Of git's list of a commit's files.
    var listingBytes: Int
    /// How many links of one commit are read.
    var links: Int

    static let standard = GitLimits(
        milliseconds: 60_000, repositoryBytes: 256 << 20, documentBytes: 16 << 20, listingBytes: 64 << 20,
        links: 10_000)

    /// Of the path that a link leads to, as Linux has it.
    static let linkTargetBytes = 4096
    /// Of the path of a file.
    static let pathBytes = 4096
}
