package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"lastword"
)

// databaseFile is where SQLite keeps everything.
func databaseFile(folder string) string { return filepath.Join(folder, "lastword.db") }

// A folderLock keeps a second process away from a data folder.
type folderLock struct{ file *os.File }

// An InUse error says that another process works on the folder.
type InUse struct {
	Folder string
	PID    string // of the other process, as it wrote it; may be empty
}

func (e *InUse) Error() string {
	return fmt.Sprintf("%s is in use by another lastword (process %s): stop that one, or give another folder with --data", e.Folder, e.PID)
}

// Unwrap tells that waiting may help.
func (e *InUse) Unwrap() error { return lastword.ErrUnavailable }

// lockFolder makes the folder if need be and locks it. The lock is the
// operating system's (flock), so it ends with the process, however it ends.
func lockFolder(folder string) (*folderLock, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(folder, "lastword.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		pid := make([]byte, 32)
		n, _ := f.ReadAt(pid, 0) // only to be helpful: no number is an empty one
		return nil, errors.Join(&InUse{Folder: folder, PID: string(pid[:n])}, f.Close())
	}
	if err := f.Truncate(0); err == nil {
		_, err = fmt.Fprint(f, os.Getpid())
		if err != nil {
			return nil, errors.Join(fmt.Errorf("store: %w", err), f.Close())
		}
	}
	return &folderLock{f}, nil
}

// awaitTurn waits until no other process brings the folder's tables up to date: a
// command may begin beside a server that has only just begun. The key is locked,
// which is there by then.
func awaitTurn(ctx context.Context, folder string) (*folderLock, error) {
	f, err := os.Open(keyFile(folder))
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return &folderLock{f}, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("store: %w", err), f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (l *folderLock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// keyFile is where the key of the credentials is.
func keyFile(folder string) string { return filepath.Join(folder, "lastword.key") }

// A seal encrypts credentials at rest: AES-256-GCM under a key that lives in
// the data folder, outside the database and its backups.
type seal struct {
	aead cipher.AEAD
	key  []byte
}

// openSeal reads the folder's key, or makes it.
func openSeal(folder string) (seal, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return seal{}, fmt.Errorf("store: %w", err)
	}
	file := keyFile(folder)
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err = newKey(folder, file); err == nil {
			key, err = os.ReadFile(file)
		}
	}
	if err != nil {
		return seal{}, fmt.Errorf("store: the key of the credentials: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return seal{}, fmt.Errorf("store: %s is damaged: %w", filepath.Base(file), err)
	}
	aead, err := cipher.NewGCM(block)
	return seal{aead, key}, err
}

// newKey makes the folder's key, unless another process was faster. The file is
// there as a whole or not at all, wherever the process is ended: half a key
// would shut the folder for ever.
func newKey(folder, file string) error {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // crypto/rand.Read never fails (Go 1.24)
	part, err := os.CreateTemp(folder, "lastword.key.*")
	if err != nil {
		return err
	}
	_, err = part.Write(key)
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Link(part.Name(), file)
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(part.Name()))
}

// close encrypts secrets; none are nil.
func (s seal) close(secrets map[string]string) ([]byte, error) {
	if len(secrets) == 0 {
		return nil, nil
	}
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // crypto/rand.Read never fails (Go 1.24)
	return s.aead.Seal(nonce, nonce, plain, nil), nil
}

// open decrypts what close made.
func (s seal) open(sealed []byte) (map[string]string, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("store: sealed credentials are cut short")
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], nil)
	if err != nil {
		return nil, fmt.Errorf("store: credentials were sealed with another key: %w", err)
	}
	var secrets map[string]string
	return secrets, json.Unmarshal(plain, &secrets)
}
