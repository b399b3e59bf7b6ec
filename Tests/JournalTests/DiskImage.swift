import Glibc

/// A disk as a value: what is visible, what is durable, and every state that a crash may leave.
///
/// Content is durable up to the last sync; of what was written since, any set of 512-byte sectors may have reached the
/// disk. A name made, changed or removed is durable once its directory was synced; of the changes since, any set may
/// have. A file that lost its name is gone.
struct DiskImage: Hashable {
    static let sectorBytes = 512
    private static let zeros = [UInt8](repeating: 0, count: sectorBytes)

    /// A file without its names.
    struct Content: Hashable {
        var visible: [UInt8] = []
        var durable: [UInt8] = []

        /// The sectors written since the last sync; a file that grew or shrank has one more thing that may be lost,
        /// its length.
        private(set) var unsyncedSectors: Set<Int> = []

        mutating func write(_ bytes: [UInt8], at offset: Int) {
            visible.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            guard !bytes.isEmpty else { return }
            for sector in offset / sectorBytes...(offset + bytes.count - 1) / sectorBytes {
                // What is written as it was is there, whether or not it reaches the disk again.
                if isDurable(sector) {
                    unsyncedSectors.remove(sector)
                } else {
                    unsyncedSectors.insert(sector)
                }
            }
        }

        /// Whether the sector reads the same after a crash; what lies behind the durable length reads as zeros.
        private func isDurable(_ sector: Int) -> Bool {
            let start = sector * sectorBytes
            let end = min(start + sectorBytes, visible.count)
            let known = max(start, min(end, durable.count))
            return visible.withUnsafeBytes { visible in
                durable.withUnsafeBytes { durable in
                    DiskImage.zeros.withUnsafeBytes { zeros in
                        (known == start
                            || memcmp(visible.baseAddress! + start, durable.baseAddress! + start, known - start) == 0)
                            && (end == known
                                || memcmp(visible.baseAddress! + known, zeros.baseAddress!, end - known) == 0)
                    }
                }
            }
        }

        mutating func setLength(_ length: Int) {
            if length < visible.count {
                visible.removeLast(visible.count - length)
            } else {
                visible += [UInt8](repeating: 0, count: length - visible.count)
            }
        }

        mutating func sync() {
            durable = visible
            unsyncedSectors = []
        }

        var hasUnsyncedLength: Bool { visible.count != durable.count }
    }

    /// A change of a directory that is not durable yet.
    enum NameChange: Hashable {
        case create(String, file: Int)
        case rename(String, String, file: Int)
        case remove(String)

        var directory: String {
            switch self {
            case .create(let path, _), .rename(_, let path, _), .remove(let path): DiskImage.directory(of: path)
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

    var files: [Int: Content] = [:]
    var visibleNames: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var changes: [NameChange] = []
    var visibleDirectories: Set<String> = ["/"]
    var durableDirectories: Set<String> = ["/"]
    private var nextFile = 1

    static func directory(of path: String) -> String {
        let slash = path.lastIndex(of: "/")!
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    // MARK: What programs do

    mutating func createDirectory(_ path: String) { visibleDirectories.insert(path) }

    mutating func create(_ path: String) -> Int {
        let file = nextFile
        nextFile += 1
        files[file] = Content()
        change(.create(path, file: file))
        return file
    }

    mutating func rename(_ from: String, to: String) {
        change(.rename(from, to, file: visibleNames[from]!))
    }

    mutating func remove(_ path: String) { change(.remove(path)) }

    private mutating func change(_ change: NameChange) {
        change.apply(to: &visibleNames)
        changes.append(change)
    }

    mutating func write(_ bytes: [UInt8], at offset: Int, file: Int) {
        let end = offset + bytes.count
        if files[file]!.visible.count < end { setLength(end, file: file) }
        files[file]!.write(bytes, at: offset)
    }

    mutating func setLength(_ length: Int, file: Int) { files[file]!.setLength(length) }

    mutating func sync(file: Int) { files[file]!.sync() }

    mutating func syncDirectory(_ directory: String) {
        for change in changes where change.directory == directory { change.apply(to: &durableNames) }
        changes.removeAll { $0.directory == directory }
        for path in visibleDirectories where path != "/" && Self.directory(of: path) == directory {
            durableDirectories.insert(path)
        }
    }

    /// Names in a directory, ascending.
    func names(in directory: String) -> [String] {
        visibleNames.keys.filter { Self.directory(of: $0) == directory }
            .map { String($0.split(separator: "/").last!) }.sorted()
    }

    // MARK: What crashes do

    /// How many things may or may not have reached the disk.
    var uncertainties: Int {
        changes.count + visibleDirectories.subtracting(durableDirectories).count
            + files.values.reduce(0) { $0 + $1.unsyncedSectors.count + ($1.hasUnsyncedLength ? 1 : 0) }
    }

    /// The disk after a crash.
    ///
    /// - Parameter survives: Asked once for each uncertain thing, always in the same order.
    func crashed(_ survives: () -> Bool) -> DiskImage {
        var after = DiskImage()
        after.nextFile = nextFile
        after.durableDirectories = durableDirectories
        for path in visibleDirectories.subtracting(durableDirectories).sorted() where survives() {
            after.durableDirectories.insert(path)
        }
        after.visibleDirectories = after.durableDirectories
        var names = durableNames
        for change in changes where survives() { change.apply(to: &names) }
        after.durableNames = names.filter { after.durableDirectories.contains(Self.directory(of: $0.key)) }
        after.visibleNames = after.durableNames
        for (file, content) in files.sorted(by: { $0.key < $1.key }) {
            let bytes = Self.crashed(content, survives)
            if after.durableNames.values.contains(file) { after.files[file] = Content(visible: bytes, durable: bytes) }
        }
        return after
    }

    private static func crashed(_ content: Content, _ survives: () -> Bool) -> [UInt8] {
        var bytes = content.durable
        if content.hasUnsyncedLength, survives() {
            let longer = content.visible.count - bytes.count
            if longer > 0 { bytes += [UInt8](repeating: 0, count: longer) } else { bytes.removeLast(-longer) }
        }
        for sector in content.unsyncedSectors.sorted() where survives() {
            let start = sector * sectorBytes
            let end = min(start + sectorBytes, bytes.count)
            // Sectors behind a length that was lost are lost with it.
            guard start < end else { continue }
            let sectorAfter = content.visible[min(start, content.visible.count)..<min(end, content.visible.count)]
            bytes.replaceSubrange(
                start..<end, with: sectorAfter + [UInt8](repeating: 0, count: end - start - sectorAfter.count))
        }
        return bytes
    }
}
