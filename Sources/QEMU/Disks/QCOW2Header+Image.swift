extension QCOW2Header {
    /// Why a file with this header may not be an image; nil if it may.
    ///
    /// An image is what its digest covers and nothing else: a file that shows what is in another one, or that can't be
    /// read without a key, is none.
    ///
    /// - Parameter fileBytes: The length of the file.
    public func problemAsImage(fileBytes: Int64) -> String? {
        if backingFile != nil {
            return "it names a backing file, which its digest does not cover; make it whole with "
                + "`qemu-img convert -O qcow2 FROM TO` and take the digest of that"
        }
        if hasDataFile {
            return "its data lies in another file, which its digest does not cover; make it whole with "
                + "`qemu-img convert -O qcow2 FROM TO` and take the digest of that"
        }
        if isEncrypted { return "it is encrypted, and there is no key for it" }
        if isCorrupt { return "it is marked as corrupt; mend it with `qemu-img check -r all`" }
        for table in tables where table.offset > fileBytes - table.byteCount {
            return "its \(table.name) lies beyond its end, at \(table.offset); the file has \(fileBytes) bytes"
        }
        return nil
    }
}
