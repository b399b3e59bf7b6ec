import Glibc
import Primitives
import TestFiles
import Testing

@testable import Commands

@Suite("Files of manifests")
struct ManifestArgumentsTests {
    private static func manifest(_ name: String) -> String {
        #"{"apiVersion": "blixard.dev/v1", "kind": "VirtualMachine", "metadata": {"name": "\#(name)"}}"#
    }

    private func valid(_ names: String...) -> String {
        names.map { "virtualmachine.blixard.dev/\($0) valid\n" }.joined()
    }

    @Test("a byte order mark before JSON and YAML is passed over, and named nowhere")
    func byteOrderMark() async {
        let bench = Bench()
        let json = bench.file("a.json", "\u{feff}" + Self.manifest("a"))
        let yaml = bench.file(
            "b.yaml", "\u{feff}apiVersion: blixard.dev/v1\nkind: VirtualMachine\nmetadata: {name: b}\n")
        let result = await bench.run("validate", "-f", json, "-f", yaml)
        #expect(result == .init(code: 0, output: valid("a", "b"), errors: ""))

        var piped = Bench()
        piped.input = Array(("\u{feff}" + Self.manifest("c")).utf8)
        #expect(await piped.run("validate", "-f", "-").output == valid("c"))
    }

    @Test(
        "text in another encoding than UTF-8 is named with its encoding",
        arguments: [
            ([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00], "UTF-16"), ([0xfe, 0xff, 0x00, 0x7b], "UTF-16"),
            ([0x7b, 0x00, 0x7d, 0x00], "UTF-16"), ([0x00, 0x7b, 0x00, 0x7d], "UTF-16"),
            ([0xff, 0xfe, 0x00, 0x00, 0x7b, 0x00, 0x00, 0x00], "UTF-32"), ([0x00, 0x00, 0xfe, 0xff], "UTF-32"),
        ] as [([UInt8], String)])
    func otherEncodings(bytes: [UInt8], name: String) async {
        var bench = Bench()
        bench.input = bytes
        let result = await bench.run("validate", "-f", "-")
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: STDIN: the text is \(name)"), "\(result.errors)")
        #expect(result.errors.contains("save it as UTF-8"))
    }

    @Test("a file whose name is no UTF-8 is read like any other, and shown by its bytes")
    func nameOfBytes() async {
        let bench = Bench()
        _ = bench.file("a.json", Self.manifest("a"))
        let path = Array((bench.directory.path + "/caf").utf8) + [0xe9] + Array(".json".utf8)
        func write(_ text: String) {
            let file = (path + [0]).withUnsafeBufferPointer { bytes in
                bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_WRONLY | O_CREAT | O_TRUNC, 0o600) }
            }
            defer { close(file) }
            #expect(Glibc.write(file, text, text.utf8.count) == text.utf8.count)
        }
        write(Self.manifest("b"))
        #expect(await bench.run("validate", "-f", bench.directory.path).output == valid("a", "b"))
        write("{")
        let result = await bench.run("validate", "-f", bench.directory.path)
        #expect(result.errors.contains("/caf\\xe9.json:1:"), "\(result.errors)")
    }

    @Test("a link that leads nowhere, a FIFO and a socket are named, whatever else is there, and nothing blocks")
    func noFiles() async {
        let bench = Bench()
        let directory = bench.directory.path
        _ = bench.file("a.json", Self.manifest("a"))
        #expect(symlink("/nowhere/at/all", directory + "/b.json") == 0)
        #expect(mkfifo(directory + "/c.yaml", 0o600) == 0)
        #expect(symlink("d.json", directory + "/d.json") == 0)
        #expect(symlink("/dev/zero", directory + "/e.json") == 0)
        let result = await bench.run("apply", "-f", directory)
        #expect(result.code == 1)
        #expect(result.errors.contains("/b.json: it is a link that leads nowhere\n"), "\(result.errors)")
        #expect(result.errors.contains("/c.yaml: it is a FIFO, and only files are read\n"), "\(result.errors)")
        #expect(result.errors.contains("/d.json: it can't be examined: Too many levels"), "\(result.errors)")
        #expect(result.errors.contains("/e.json: it is a device, and only files are read\n"), "\(result.errors)")
        #expect(result.errors.hasSuffix("nothing was changed\n"))
        #expect(bench.connection.calls.isEmpty)
        for name in ["c.yaml", "e.json"] {
            #expect(await bench.run("apply", "-f", "\(directory)/\(name)").errors.contains("only files are read"))
        }
        #expect(await bench.run("node", "--config", directory + "/c.yaml").errors.contains("it is a FIFO"))
    }

    @Test("a link to the directory itself ends, and a directory behind two links is searched once")
    func loops() async {
        let bench = Bench()
        let directory = bench.directory.path
        _ = bench.file("a.json", Self.manifest("a"))
        #expect(mkdir(directory + "/inner", 0o700) == 0)
        _ = bench.file("inner/b.JSON", Self.manifest("b"))
        #expect(symlink(".", directory + "/loop") == 0)
        #expect(symlink("..", directory + "/inner/up") == 0)
        #expect(symlink("inner", directory + "/other") == 0)
        #expect(symlink("/nowhere", directory + "/README") == 0)
        let result = await bench.run("validate", "-R", "-f", directory)
        #expect(result == .init(code: 0, output: valid("a", "b"), errors: ""))
        #expect(await bench.run("validate", "-f", directory).output == valid("a"))
    }

    @Test("an object in two files is refused with both places")
    func twice() async {
        let bench = Bench()
        let one = bench.file("a.json", Self.manifest("a"))
        let two = bench.file("b.json", "\n" + Self.manifest("a"))
        let result = await bench.run("apply", "-f", one, "-f", two)
        #expect(result.code == 1)
        #expect(result.errors.contains("\(two):2:"), "\(result.errors)")
        #expect(result.errors.contains("stands at \(one):1"), "\(result.errors)")
        #expect(bench.connection.calls.isEmpty)
    }

    @Test("files that are too large together are refused before they are read as manifests")
    func tooLarge() async {
        let bench = Bench()
        for name in ["a.json", "b.json"] {
            let path = bench.file(name, "{")
            #expect(truncate(path, off_t(Limits.manifestFileBytes / 2 + 1)) == 0)
        }
        let result = await bench.run("validate", "-f", bench.directory.path)
        #expect(result.errors.contains("b.json: the manifests are too large: together they may have 67108864 bytes"))
        let one = bench.file("c.json", "{")
        #expect(truncate(one, off_t(Limits.manifestFileBytes) + 1) == 0)
        #expect(await bench.run("validate", "-f", one).errors.contains("c.json: it is too large"))
    }

    @Test("what a shell hands over as a descriptor is read")
    func descriptors() async {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        let text = Self.manifest("a")
        #expect(write(ends[1], text, text.utf8.count) == text.utf8.count)
        close(ends[1])
        defer { close(ends[0]) }
        #expect(await Bench().run("validate", "-f", "/dev/fd/\(ends[0])").output == valid("a"))
    }
}
