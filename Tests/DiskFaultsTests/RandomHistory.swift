import DiskFaults
import Primitives

/// Random operations on an image, few names and sectors, so that they meet.
struct RandomHistory {
    private static let directories = ["/a", "/a/b", "/c"]
    private static let names = ["/a/one", "/a/two", "/a/b/one", "/a/b/two", "/c/one"]

    var image = DiskImage()
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }

    private mutating func anyOf(_ texts: [String]) -> String { texts[below(texts.count)] }

    mutating func step() {
        let path = anyOf(Self.names)
        guard let file = image.file(at: path) else {
            switch below(3) {
            case 0: image.createDirectory(anyOf(Self.directories))
            case 1: image.syncDirectory(DiskImage.directory(of: path))
            default: _ = image.create(path)
            }
            return
        }
        switch below(12) {
        case 0: image.remove(path)
        case 1: image.rename(path, to: anyOf(Self.names))
        case 2: image.syncDirectory(anyOf(Self.directories + ["/"]))
        case 3: image.sync(file: file)
        case 4: image.failSync(file: file)
        case 5: image.setLength(below(3000), file: file)
        default:
            // Few values, so that sectors are often written as they were.
            let byte = UInt8(below(3))
            let count = 1 + below(1200)
            image.write([UInt8](repeating: byte, count: count), at: below(2000), file: file)
        }
    }

    /// A state that a crash may leave.
    mutating func crash() -> DiskImage {
        var chance = generator.split()
        return image.crashed { chance.next() % 2 == 0 }
    }
}
