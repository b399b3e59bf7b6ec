/// The clockwork of following Git repositories.
public enum SourceTiming {
    /// A fetch that has not been answered after this long counts as failed. The shell ends one earlier by itself.
    public static let fetchMilliseconds: Int64 = 90_000
    /// The longest pause between two tries of a fetch that fails, unless the interval itself is longer.
    public static let longestPauseMilliseconds: Int64 = 600_000
    /// How soon it is looked again at a repository whose manifests wait for a deletion.
    public static let deletionMilliseconds: Int64 = 5000
}
