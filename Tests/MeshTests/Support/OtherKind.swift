/// A self-signed certificate with a P-256 key, made once for these tests. The key protects nothing.
enum OtherKind {
    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBeDCCAR2gAwIBAgIUFjF6VP20uw44NGmYlykQkqqUxvUwCgYIKoZIzj0EAwIw
        EDEOMAwGA1UEAwwFb3RoZXIwIBcNMjYxMTIyMTcxMDQ1WhgPMjEyNjEwMjkxNzEw
        NDVaMBAxDjAMBgNVBAMMBW90aGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
        JSQokBzSsW9bPMRfHR6MNIaUq/lQrgJqNanJSDWHtHZCCGkGY0/SHcquN8jHt35M
        UO7Bv+lLjzERt/J40Y9G5KNTMFEwHQYDVR0OBBYEFK1eLLLDPaJ36URPqc5w3xIV
        r/wfMB8GA1UdIwQYMBaAFK1eLLLDPaJ36URPqc5w3xIVr/wfMA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAKYfBEouKnBadQyrFlgl9MGKCZwfSRqA
        8ypVcOQUicfOAiEAvBK+chcUTxNOdY/lEmVjw/TMzijtme6eUYw6X4OT+L0=
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+yB5/q/ifLuCD/8y
        0qzxC9tVujLyUX2w0B2qHo0dT3ehRANCAAQlJCiQHNKxb1s8xF8dHow0hpSr+VCu
        Amo1qclINYe0dkIIaQZjT9Idyq43yMe3fkxQ7sG/6UuPMRG38njRj0bk
        -----END PRIVATE KEY-----
        """
}
