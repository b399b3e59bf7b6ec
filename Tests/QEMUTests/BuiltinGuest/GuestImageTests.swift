import Glibc
import Hypervisor
import Primitives
import Testing

@testable import QEMU

@Suite("Guests made by the program")
struct GuestImageTests {
    @Test("Built-in guests carry a setup header as Linux documents it")
    func header() {
        let image = BuiltinGuest(heedsPowerButton: true).kernelImage
        #expect(image.count == 1536)
        #expect(Array(image[0x1fe..<0x200]) == [0x55, 0xaa])
        #expect(Array(image[0x202..<0x206]) == Array("HdrS".utf8))
        #expect(image[0x1f1] == 1 && image[0x206] == 3 && image[0x207] == 2)
    }

    @Test("Built-in guests are assembled to the expected instructions")
    func program() {
        let banner = Hex.encode(Array((BuiltinGuest.banner + "\r\n\0").utf8))
        #expect(
            Hex.encode(BuiltinGuest(heedsPowerButton: true).program)
                == "fcfbe800005e83c6522eac08c07406baf803eeebf4ba0206b80001eff4ba0006edf6c401751abafd03eca80174eeb2f8ecee"
                + "3c73740a3c72740f3c707411ebe6ba0406b80020efebd3b0fee664ebcdba0505b001eeebc5" + banner)
        #expect(
            Hex.encode(BuiltinGuest(heedsPowerButton: false).program)
                == "fcfbe800005e83c6422eac08c07406baf803eeebf4f4bafd03eca80174f7b2f8ecee"
                + "3c73740a3c72740f3c707411ebe6ba0406b80020efebdcb0fee664ebd6ba0505b001eeebce" + banner)
    }

    @Test("Built-in guests that probe an accelerator are the expected bytes")
    func probe() {
        let elf = ProbeGuest.elf
        #expect(
            Hex.encode(elf.prefix(52))
                == "7f454c46010101000000000000000000020003000100000088001000340000000000000000000000340020000200000000000000"
        )
        #expect(Hex.encode(elf[116..<136]) == "04000000040000001200000058656e0088001000")
        #expect(
            Hex.encode(elf[136...]) == "fab940420f004975fdbaf8030000b04beebaf4000000b000eef4ebfd")
    }

    @Test(
        "The reason of a failed start says whether to try again",
        arguments: [
            ("Could not set up host forwarding rule 'tcp:..'", .portInUse, true),
            ("qemu: could not load kernel '/x': No such file", .imageMissing, true),
            ("Failed to get \"write\" lock", .foreignProcess, true),
            ("write: No space left on device", .noSpace, true),
            ("Invalid parameter 'x'", .badConfiguration, false),
            ("warning: TCG doesn't support requested feature", .startFailed, true),
            ("", .startFailed, true),
        ] as [(String, MachineFailure.Reason, Bool)])
    func failures(log: String, reason: MachineFailure.Reason, isRetryable: Bool) {
        let failure = StartFailure.classify(
            log: log, end: "exit code 1", directory: "/m", isFull: false
        ) { nil }
        #expect(failure.reason == reason && failure.isRetryable == isRetryable)
        #expect(!failure.message.isEmpty)
    }

    @Test("A failed start names the directory that has no space, also when QEMU could not say so")
    func noSpace() {
        for log in ["write: No space left on device", ""] {
            let failure = StartFailure.classify(log: log, end: "exit code 1", directory: "/m", isFull: true) { nil }
            #expect(failure.reason == .noSpace && failure.message.hasPrefix("no space left on device for /m"))
        }
    }

    @Test("A port is not forwarded for reasons that the host tells")
    func ports() {
        let forward = MachineSpec.PortForward(protocol: .tcp, hostAddress: "192.0.2.7", hostPort: 80, guestPort: 80)
        for (code, reason) in [
            (EADDRNOTAVAIL, .addressNotAvailable), (EACCES, .portNotPermitted), (EADDRINUSE, .portInUse),
            (ENOBUFS, .startFailed),
        ] as [(Int32, MachineFailure.Reason)] {
            let failure = PortProbe.failure(of: forward, code)
            #expect(failure.reason == reason && failure.message.contains("192.0.2.7"))
        }
        // An address of documentation is no host's.
        let network = MachineSpec.Network(name: "n", forwards: [forward])
        let found = StartFailure.classify(
            log: "Could not set up host forwarding rule 'x'", end: "", directory: "/m", isFull: true
        ) {
            PortProbe.trouble(with: [network])
        }
        #expect(found.reason == .addressNotAvailable)
    }

    @Test("The last words of a log are told, however long and empty it is")
    func lastWords() {
        #expect(StartFailure.lastWords(of: " \n\r\n\t\nx: warning: y\n") == nil)
        #expect(StartFailure.lastWords(of: "a\n\nb\n") == "a; b")
        let long = String(repeating: "x", count: 5000) + "\n"
        #expect((StartFailure.lastWords(of: long + long + long + long)?.utf8.count ?? 0) < 1000)
    }
}
