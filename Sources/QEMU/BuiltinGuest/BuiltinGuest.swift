/// The guest that the driver carries with it: a few dozen instructions that run without any disk or kernel.
///
/// On the first serial port it prints ``banner``, then echoes what it reads. It obeys the power button (ACPI), and the
/// keys `s` (switch off), `r` (reset) and `p` (panic). It sleeps between the firmware's timer ticks, 18.2 a second, so
/// an idle one costs next to nothing. It needs SeaBIOS on a `q35` or `pc` machine, whose ports it knows.
///
/// It is packed as a Linux kernel image (boot protocol 2.03) with nothing but a setup part, so that a built-in machine
/// is started with the same command line as a real one.
public struct BuiltinGuest: Equatable, Sendable {
    /// What the serial console shows first.
    public static let banner = "blixard guest ready"

    /// Whether the guest reacts to the power button; one that does not makes graceful stops run into their deadline.
    public var heedsPowerButton: Bool

    public init(heedsPowerButton: Bool) {
        self.heedsPowerButton = heedsPowerButton
    }

    /// The content of a kernel file, 1536 bytes.
    public var kernelImage: [UInt8] {
        let setupSectors = 1
        var image = [UInt8](repeating: 0, count: (1 + setupSectors + 1) * 512)
        func put(_ bytes: [UInt8], at offset: Int) {
            image.replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
        // Fields of the setup header, from Documentation/arch/x86/boot.rst of Linux.
        put([UInt8(setupSectors)], at: 0x1f1)
        put([0x55, 0xaa], at: 0x1fe)
        put([0xeb, 0x6a], at: 0x200)  // the entry: a jump over the header to `codeOffset`
        put(Array("HdrS".utf8), at: 0x202)
        put([0x03, 0x02], at: 0x206)  // protocol 2.03
        put([0x01], at: 0x211)  // load flags: the rest of the kernel goes to 1 MiB
        put([0xff, 0xff, 0xff, 0x37], at: 0x22c)  // highest address of an initrd
        let codeOffset = 0x202 + 0x6a
        let code = program
        precondition(codeOffset + code.count <= (1 + setupSectors) * 512, "\(code.count) bytes of code are too many")
        put(code, at: codeOffset)
        return image
    }

    /// 16-bit code, entered in real mode at an address that it has to find out.
    var program: [UInt8] {
        var code = Assembly()
        code.code([0xfc], "cld")
        code.code([0xfb], "sti")
        code.code([0xe8, 0x00, 0x00], "call here")
        code.label("here")
        code.code([0x5e], "pop si")
        code.code([0x83, 0xc6], distanceFrom: "here", to: "banner", "add si, banner - here")

        code.label("print")
        code.code([0x2e, 0xac], "cs lodsb")
        code.code([0x08, 0xc0], "or al, al")
        code.jump(.ifZero, to: "printed")
        code.code([0xba, 0xf8, 0x03], "mov dx, 0x3f8  ; data of the first serial port")
        code.code([0xee], "out dx, al")
        code.jump(.always, to: "print")
        code.label("printed")
        if heedsPowerButton {
            code.code([0xba, 0x02, 0x06], "mov dx, 0x602  ; PM1_EN")
            code.code([0xb8, 0x00, 0x01], "mov ax, 0x0100 ; power button")
            code.code([0xef], "out dx, ax")
        }

        code.label("sleep")
        code.code([0xf4], "hlt")
        if heedsPowerButton {
            code.code([0xba, 0x00, 0x06], "mov dx, 0x600  ; PM1_STS")
            code.code([0xed], "in ax, dx")
            code.code([0xf6, 0xc4, 0x01], "test ah, 1     ; power button pressed")
            code.jump(.ifNotZero, to: "off")
        }

        code.label("read")
        code.code([0xba, 0xfd, 0x03], "mov dx, 0x3fd  ; line status")
        code.code([0xec], "in al, dx")
        code.code([0xa8, 0x01], "test al, 1     ; a byte has come")
        code.jump(.ifZero, to: "sleep")
        code.code([0xb2, 0xf8], "mov dl, 0xf8   ; data")
        code.code([0xec], "in al, dx")
        code.code([0xee], "out dx, al")
        code.code([0x3c, UInt8(ascii: "s")], "cmp al, 's'")
        code.jump(.ifZero, to: "off")
        code.code([0x3c, UInt8(ascii: "r")], "cmp al, 'r'")
        code.jump(.ifZero, to: "reset")
        code.code([0x3c, UInt8(ascii: "p")], "cmp al, 'p'")
        code.jump(.ifZero, to: "panic")
        code.jump(.always, to: "read")

        code.label("off")
        code.code([0xba, 0x04, 0x06], "mov dx, 0x604  ; PM1_CNT")
        code.code([0xb8, 0x00, 0x20], "mov ax, 0x2000 ; SLP_EN, type 0: S5")
        code.code([0xef], "out dx, ax")
        code.jump(.always, to: "sleep")

        code.label("reset")
        code.code([0xb0, 0xfe], "mov al, 0xfe   ; pulse the reset line")
        code.code([0xe6, 0x64], "out 0x64, al   ; keyboard controller")
        code.jump(.always, to: "sleep")

        code.label("panic")
        code.code([0xba, 0x05, 0x05], "mov dx, 0x505  ; pvpanic")
        code.code([0xb0, 0x01], "mov al, 1      ; panicked")
        code.code([0xee], "out dx, al")
        code.jump(.always, to: "sleep")

        code.label("banner")
        code.data((Self.banner + "\r\n").utf8)
        code.data([0])
        return code.assembled()
    }
}
