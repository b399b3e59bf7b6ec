import CLinux
import Glibc
import Host
import TestFiles
import Testing

@testable import Agent

@Suite("Files of the host that images are read from")
struct SourceFileTests {
    /// An allowed directory with a file in it, and a data directory beside it.
    private func with(_ body: (_ root: String, _ allowed: SourceDirectories, _ home: String) throws -> Void) throws {
        try TemporaryDirectory.with(named: "source") { root in
            let home = root + "/home"
            for directory in [root + "/in", root + "/in/deep", home, home + "/raft", home + "/machines/m"] {
                try DurableFile.createDirectory(directory)
            }
            for path in [
                root + "/in/file", root + "/in/deep/file", home + "/key", home + "/machines/m/disk", root + "/out",
            ] {
                try DurableFile.write([1, 2, 3], to: path, mode: 0o600)
            }
            try body(root, SourceDirectories(directories: [root + "/in"]), home)
        }
    }

    private func expectRefused(
        _ source: String, _ allowed: SourceDirectories, _ home: String, saying text: String,
        at place: SourceLocation = #_sourceLocation
    ) {
        #expect(sourceLocation: place) {
            try SourceFile(source, allowed: allowed, home: home)
        } throws: {
            "\($0)".contains(text)
        }
    }

    @Test("Source files are read from the beginning to the end, also by a link that stays inside")
    func plain() throws {
        try with { root, allowed, home in
            #expect(symlink("deep/file", root + "/in/link") == 0)
            for name in ["file", "deep/file", "link"] {
                let file = try SourceFile("\(root)/in/\(name)", allowed: allowed, home: home)
                #expect(file.byteCount == 3)
                #expect(try file.read(upTo: 2) == [1, 2])
                #expect(try file.read(upTo: 2) == [3])
                #expect(try file.read(upTo: 2) == [])
            }
        }
    }

    @Test("Source files are plain files: anything else is refused at once, without waiting for it")
    func kinds() throws {
        try with { root, allowed, home in
            #expect(mkfifo(root + "/in/fifo", 0o600) == 0)
            expectRefused(root + "/in/fifo", allowed, home, saying: "a FIFO")
            expectRefused(root + "/in/deep", allowed, home, saying: "a directory")
            expectRefused(root + "/in/none", allowed, home, saying: "No such file")
            let all = SourceDirectories(directories: ["/"])
            expectRefused("/dev/zero", all, home, saying: "a device")
            expectRefused("/proc/self/environ", all, home, saying: "made up by the kernel")
            expectRefused("/proc/version", all, home, saying: "made up by the kernel")
        }
    }

    @Test("Source files are not reached by a link that leads out of the allowed directory")
    func links() throws {
        try with { root, allowed, home in
            for (name, target) in [("a", root + "/out"), ("b", "../out"), ("c", "/proc/self/fd/0"), ("e", "/")] {
                #expect(symlink(target, "\(root)/in/\(name)") == 0)
            }
            for name in ["a", "b", "c", "e/etc/passwd"] {
                expectRefused("\(root)/in/\(name)", allowed, home, saying: "leads out of")
            }
        }
    }

    @Test("Source files never lie in a data directory, under whatever name")
    func dataDirectories() throws {
        try with { root, _, home in
            let all = SourceDirectories(directories: ["/", root, home, home + "/machines"])
            // Another node's data directory is told by what it holds.
            for elsewhere in [home, "/nowhere"] {
                for name in ["key", "machines/m/disk"] {
                    expectRefused("\(home)/\(name)", all, elsewhere, saying: "data directory")
                }
            }
            #expect(symlink("../home", root + "/in/home") == 0)
            expectRefused(
                root + "/in/home/key", SourceDirectories(directories: [root]), home, saying: "data directory")
            for (name, target) in [("hard", "key"), ("deep/hard", "machines/m/disk")] {
                #expect(link("\(home)/\(target)", "\(root)/in/\(name)") == 0)
                expectRefused(
                    "\(root)/in/\(name)", SourceDirectories(directories: [root + "/in"]), home, saying: "data directory"
                )
            }
            // A link between two files elsewhere is nobody's.
            #expect(link(root + "/in/file", root + "/in/twin") == 0)
            #expect(throws: Never.self) { try SourceFile(root + "/in/twin", allowed: all, home: home) }
        }
    }

    @Test("Source files are found the same way without openat2, and no link is followed then")
    func byParts() throws {
        try with { root, _, _ in
            #expect(symlink("file", root + "/in/link") == 0)
            #expect(symlink("/", root + "/in/root") == 0)
            let directory = clinux_open_place(root + "/in")
            defer { close(directory) }
            for name in ["file", "deep/file", "deep//file"] {
                let found = clinux_open_beneath_by_parts(directory, name)
                #expect(found >= 0)
                close(found)
            }
            for (name, code) in [
                ("link", ELOOP), ("root/etc", ELOOP), ("../out", EXDEV), ("none", ENOENT), ("file/x", ENOTDIR),
                (String(repeating: "a", count: 300), ENAMETOOLONG),
            ] {
                #expect(clinux_open_beneath_by_parts(directory, name) == -1)
                #expect(errno == code)
            }
        }
    }
}
