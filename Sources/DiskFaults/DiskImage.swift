/// A disk as a value: what programs see, what is durable, and every state that a crash may leave.
///
/// Content is durable up to the last sync; of what was written since, any set of 512-byte sectors may have reached the
/// disk, each as it was last written. A name made, changed or removed is durable once its directory was synced; of the
/// changes since, any set may have reached it. A file that has lost all its names is gone, also for those who have it
/// open.
///
/// The verbs do what programs and time do; ``crashed(_:)`` gives what a power failure leaves.
package struct DiskImage: Hashable, Sendable {
    package static let sectorBytes = 512

    /// A change of a directory that is not durable yet.
    enum NameChange: Hashable, Sendable {
        case create(String, file: Int)
        case rename(String, String, file: Int)
        case remove(String)

        var directory: String {
            switch self {
            case .create(let path, _), .rename(_, let path, _), .remove(let path): DiskImage.directory(of: path)
            }
        }

        /// The file that may have a name by it.
        var file: Int? {
            switch self {
            case .create(_, let file), .rename(_, _, let file): file
            case .remove: nil
            }
        }

        func apply(to names: inout [String: Int]) {
            switch self {
            case .create(let path, let file): names[path] = file
            case .rename(let from, let to, let file):
                if names[from] == file { names[from] = nil }
                names[to] = file
            case .remove(let path): names[path] = nil
            }
        }
    }

    /// The files by number; only ``visibleNames`` tells which of them programs see.
    package internal(set) var files: [Int: Content] = [:]
    /// The number of the file behind each path.
    package internal(set) var visibleNames: [String: Int] = [:]
    /// What ``visibleNames`` certainly are after a crash, but for the changes that are not durable yet.
    package internal(set) var durableNames: [String: Int] = [:]
    /// In the order in which they were made.
    var changes: [NameChange] = []
    var visibleDirectories: Set<String> = ["/"]
    var durableDirectories: Set<String> = ["/"]
    /// Numbers are never given twice.
    var nextFile = 1

    /// A disk with nothing but its root directory.
    package init() {}

    /// The directory that a path is a name in.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    // MARK: What is seen

    package func hasDirectory(_ path: String) -> Bool { visibleDirectories.contains(path) }

    package func file(at path: String) -> Int? { visibleNames[path] }

    /// Names in a directory, ascending.
    package func names(in directory: String) -> [String] {
        visibleNames.keys.filter { Self.directory(of: $0) == directory }
            .map { path in path.split(separator: "/").last.map(String.init) ?? path }.sorted()
    }

    /// The lengths of all files that have a name, together.
    package var visibleBytes: Int {
        Set(visibleNames.values).reduce(0) { $0 + (files[$1]?.visible.count ?? 0) }
    }

    // MARK: What programs do with names

    package mutating func createDirectory(_ path: String) { visibleDirectories.insert(path) }

    package mutating func create(_ path: String) -> Int {
        let file = nextFile
        nextFile += 1
        files[file] = Content()
        change(.create(path, file: file))
        return file
    }

    /// The file must be there.
    package mutating func rename(_ from: String, to path: String) {
        guard let file = visibleNames[from] else { preconditionFailure("there is no \(from) to rename") }
        change(.rename(from, path, file: file))
    }

    package mutating func remove(_ path: String) { change(.remove(path)) }

    private mutating func change(_ change: NameChange) {
        change.apply(to: &visibleNames)
        changes.append(change)
    }

    package mutating func syncDirectory(_ directory: String) {
        for change in changes where change.directory == directory { change.apply(to: &durableNames) }
        changes.removeAll { $0.directory == directory }
        for path in visibleDirectories where path != "/" && Self.directory(of: path) == directory {
            durableDirectories.insert(path)
        }
        let named = filesAfterCrash.union(visibleNames.values)
        files = files.filter { named.contains($0.key) }
    }

    /// The files that may have a name after a crash.
    var filesAfterCrash: Set<Int> { Set(durableNames.values).union(changes.lazy.compactMap(\.file)) }

    // MARK: What programs do with files

    package mutating func write(_ bytes: [UInt8], at offset: Int, file: Int) {
        files[file]?.write(bytes, at: offset)
    }

    package mutating func setLength(_ length: Int, file: Int) { files[file]?.setLength(length) }

    package mutating func sync(file: Int) { files[file]?.sync() }

    /// A sync that failed: what was not durable by then is shown, may be on the disk, and is made durable by no later
    /// sync unless it is written again.
    package mutating func failSync(file: Int) { files[file]?.failSync() }

    // MARK: What goes wrong at rest

    /// Flips a bit of what is visible and of what is on the disk.
    package mutating func flip(bit: Int, at offset: Int, file: Int) {
        guard let byte = files[file]?.visible[offset] else { return }
        overwrite([byte ^ 1 << UInt8(bit)], at: offset, file: file)
    }

    /// Puts bytes over what is visible and over what is on the disk, behind every program's back; the length stays.
    package mutating func overwrite(_ bytes: [UInt8], at offset: Int, file: Int) {
        files[file]?.overwrite(bytes, at: offset)
    }

    /// Gives two files each other's name, durably, behind every program's back.
    package mutating func exchange(_ one: String, _ other: String) {
        (visibleNames[one], visibleNames[other]) = (visibleNames[other], visibleNames[one])
        (durableNames[one], durableNames[other]) = (durableNames[other], durableNames[one])
    }
}
