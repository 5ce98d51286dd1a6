/*
 * Stands in for a patch of RHEL's OpenSSL: a cipher list that begins with PROFILE=SYSTEM means the host's
 * crypto policy. The prototypes are written out, so that it builds without anybody's headers, for any libc.
 */
typedef struct ssl_ctx_st SSL_CTX;

extern void *dlsym(void *handle, const char *symbol);
extern int open(const char *path, int flags, ...);
extern long read(int file, void *buffer, unsigned long size);
extern int close(int file);

#define NEXT ((void *)-1L)
#define POLICY "/etc/crypto-policies/back-ends/openssl.config"

int SSL_CTX_set_cipher_list(SSL_CTX *context, const char *list)
{
	static const char profile[] = "PROFILE=SYSTEM";
	int (*original)(SSL_CTX *, const char *) = (int (*)(SSL_CTX *, const char *))dlsym(NEXT, "SSL_CTX_set_cipher_list");
	char policy[4096];
	long length;
	int file, same = 0;

	while (profile[same] != '\0' && profile[same] == list[same])
		same++;
	if (profile[same] != '\0')
		return original(context, list);
	file = open(POLICY, 0);
	if (file < 0)
		return original(context, "DEFAULT");
	length = read(file, policy, sizeof policy - 1);
	close(file);
	while (length > 0 && (policy[length - 1] == '\n' || policy[length - 1] == ' '))
		length--;
	policy[length > 0 ? length : 0] = '\0';
	return original(context, length > 0 ? policy : "DEFAULT");
}
