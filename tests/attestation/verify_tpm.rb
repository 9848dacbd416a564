# SPDX-License-Identifier: Apache-2.0
# usage: verify_tpm.rb [DIRECTORY AUTHORITY QUALIFYING [SEED COUNT]]
# Whether tpm-key_attestation, a library for websites, accepts an unpacked evidence
# file's certification of the machine's key with that qualifying data (hex),
# trusting the certificate (PEM) of AUTHORITY alone; with SEED, whether it refuses
# each of COUNT copies with one bit changed.  Without arguments: whether it can be
# asked at all, for it looks for the TCG's object identifiers by their numbers,
# and OpenSSL 3.5 has names for them.
require 'tpm/key_attestation'

exit OpenSSL::ASN1::ObjectId('2.23.133.8.3').sn.nil? if ARGV.empty?

directory, authority, qualifying, seed, count = ARGV
NAMES = %w[machine.statement machine.sig machine.area ak.der].freeze
ROOT = OpenSSL::X509::Certificate.new(File.binread(authority))
QUALIFYING = [qualifying].pack('H*')

def accepts?(statement, signature, area, certificate)
  TPM::KeyAttestation.new(
    statement, signature, area, [certificate], QUALIFYING,
    signature_algorithm: TPM::ALG_ECDSA, hash_algorithm: TPM::ALG_SHA256, trusted_certificates: [ROOT]
  ).valid?
rescue StandardError
  false
end

original = NAMES.map { |name| File.binread(File.join(directory, name)) }
unless accepts?(*original)
  puts 'not valid'
  exit 1
end
random = Random.new(seed.to_i)
count.to_i.times do
  copies = original.map(&:dup)
  place = random.rand(copies.sum(&:bytesize))
  bit = random.rand(8)
  which = copies.index { |copy| place < copy.bytesize || (place -= copy.bytesize) && false }
  copies[which].setbyte(place, copies[which].getbyte(place) ^ (1 << bit))
  next unless accepts?(*copies)

  puts "accepted with bit #{bit} of byte #{place} of #{NAMES[which]} changed"
  exit 1
end
